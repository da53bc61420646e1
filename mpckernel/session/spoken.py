"""Room fingerprints as words that people can compare aloud.

Six words of a list of 256: 48 bits. Each word is derived through scrypt, so that whoever wants
two rooms with the same words pays memory and some 40 ms for every attempt; see decision 0010.
The list is ours: short, common, no two alike in their first three letters.

Source: scrypt, RFC 7914. Departs from it in: none.
"""

import hashlib

_LIST = """
able acid actor after agent alarm album alley amber angle apple april arena army arrow atlas
atom aunt autumn award bacon badge baker ball bamboo banjo barn basket beach bed bell bench
bird black blue boat bone book bottle bowl box brick bucket butter cabin cactus cake camel
candy car castle cave cedar chair cherry circle city clock coat coffee copper cotton cow
crane cup daisy dance dark deer desk diamond dinner doctor dog door dragon dream drum duck
eagle earth east egg elbow empty engine entry evening exit fabric fact family farm father
feather fence field fig film finger fish flag flower fog folder forest fox frame fruit funny
galaxy garden gate ghost giant ginger glass goat gold grape green guitar hammer hand harbor hat
heart hero hill hobby honey horse hotel ice idea igloo ink iron island ivory jacket jazz jelly
jewel job juice jungle kettle key kid king kitchen kiwi knife ladder lake lamp lantern leaf
lemon letter library lion lobby lock lunch magnet map marble mask meadow melon metal milk
mirror model money moon mother mountain music nail napkin nation needle nest night noble north
novel number oak ocean office olive onion opera orange otter oven owl oxygen paint palace
paper park pearl pencil pepper piano pigeon pilot plum pocket poem potato prince puzzle quail
queen quiet rabbit radio rain razor recipe ribbon ring river robot rocket rose ruby saddle
salt sand school sea seven shadow silver sister six sky sleep small snow soap spoon star table
tiger uncle valley water zebra
"""
WORDS: tuple[str, ...] = tuple(_LIST.split())


def words(digest: str) -> tuple[str, ...]:
    """The six words of a room digest, the same at every party; about 40 ms."""
    salt = b"mpckernel: words of a room, 1"
    raw = hashlib.scrypt(digest.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=6)
    return tuple(WORDS[byte] for byte in raw)
