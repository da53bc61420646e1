"""AES as FIPS 197 writes it: slow, plain, and independent of the package under test."""


def _times(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _box(x):
    inverse = next((y for y in range(256) if _times(x, y) == 1), 0)
    turned = [(inverse << k | inverse >> 8 - k) & 0xFF for k in range(5)]
    return turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63


BOX = [_box(x) for x in range(256)]


def _round_keys(key):
    columns = len(key) // 4
    words = [list(key[4 * i : 4 * i + 4]) for i in range(columns)]
    constant = 1
    for i in range(columns, 4 * (columns + 7)):
        word = words[-1]
        if i % columns == 0:
            word = [BOX[x] for x in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _times(constant, 2)
        elif columns > 6 and i % columns == 4:
            word = [BOX[x] for x in word]
        words.append([a ^ b for a, b in zip(word, words[i - columns], strict=True)])
    return [[x for w in words[i : i + 4] for x in w] for i in range(0, len(words), 4)]


def _mix(column):
    circulant = [2, 3, 1, 1]
    return [
        _times(circulant[-i % 4], column[0])
        ^ _times(circulant[(1 - i) % 4], column[1])
        ^ _times(circulant[(2 - i) % 4], column[2])
        ^ _times(circulant[(3 - i) % 4], column[3])
        for i in range(4)
    ]


def encrypt(key, block):
    """One block of 16 bytes."""
    first, *middle, last = _round_keys(key)
    state = [a ^ b for a, b in zip(block, first, strict=True)]
    for round_key in [*middle, last]:
        state = [BOX[state[(5 * i) % 16]] for i in range(16)]  # SubBytes, ShiftRows
        if round_key is not last:
            state = [x for i in range(0, 16, 4) for x in _mix(state[i : i + 4])]
        state = [a ^ b for a, b in zip(state, round_key, strict=True)]
    return bytes(state)
