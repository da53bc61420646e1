"""Comparing with many thresholds at once, modulo 17, and adding up the polynomials they choose.

What parties of a spline compute each alone (SECURITY.md, "Spline"). Numbers are cut into digits of
three bits; the code of a digit has a 1 at k = 1, ..., 7 where the digit is at least k.
"""

import numpy as np

from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words

P, SIZE = 17, 3
STEPS = (1 << SIZE) - 1
_ZERO, _ONE, _P = np.uint64(0), np.uint64(1), np.uint64(P)

# The code of a number, masked


def _code_definition(c: Words, masks: Words, out: Words) -> None:
    for row in range(out.shape[0]):
        d, k = divmod(row, STEPS)
        digit = c >> np.uint64(SIZE * d) & np.uint64(STEPS)
        out[row] = ((digit > np.uint64(k)) + _P - masks[row] % _P) % _P


@compiled("in1 in2 out2", _code_definition)
def _code(c: Words, masks: Words, out: Words) -> None:
    for row in range(out.shape[0]):
        shift, k = np.uint64(3 * (row // 7)), np.uint64(row % 7)
        for i in range(c.size):
            digit = c[i] >> shift & np.uint64(7)
            v = np.uint64(digit > k) + np.uint64(17) - masks[row, i] % np.uint64(17)
            out[row, i] = v % np.uint64(17)


def code(c: Words, masks: Words) -> Words:
    """The code of the low digits of c, lowest first, minus the masks, modulo P."""
    out = np.empty(masks.shape, np.uint64)
    _code(c, masks, out)
    return out


# Where it lies, digit by digit


def _asked_definition(
    shares: Words, places: Words, draws: Words, zeros: Words, first: int, out: Words, _: Words
) -> None:
    digits, one, lane = shares.shape[0] // STEPS, np.uint64(first), np.arange(shares.shape[1])
    ends = np.full((1, lane.size), one), np.zeros((1, lane.size), np.uint64)
    for j, place in enumerate(places):
        turn, factors = draws[2 * j], draws[2 * j + 1]
        above = np.zeros(lane.size, np.uint64)
        for d in range(digits - 1, -1, -1):
            full = np.concatenate((ends[0], shares[STEPS * d : STEPS * (d + 1)], ends[1]))
            digit = (place >> np.uint64(SIZE * d) & np.uint64(STEPS)).astype(np.int64)
            least, more = full[digit, lane], full[digit + 1, lane]
            hit = np.where(turn & _ONE, one + _P - least, more if d else least)
            v = one + np.uint64(2 * P) - hit + above
            above = above + one + _P - least + more
            zero = zeros[j * digits + d] % _P
            v = v * ((factors >> np.uint64(4 * d) & np.uint64(15)) + _ONE)
            row = (np.uint64(d) + (turn >> _ONE)) % np.uint64(digits)
            out[j * digits + row.astype(np.int64), lane] = (v + (zero if first else _P - zero)) % _P


@compiled("in2 in2 in2 in2 int out2 out1", _asked_definition)
def _asked(
    shares: Words, places: Words, draws: Words, zeros: Words, first: int, out: Words, above: Words
) -> None:
    """Codes are read by adding up all their places, those that do not count times 0."""
    digits, n, one, p = shares.shape[0] // 7, shares.shape[1], np.uint64(first), np.uint64(17)
    for j in range(places.shape[0]):
        above[:] = _ZERO
        for d in range(digits - 1, -1, -1):
            shift, four, low = np.uint64(3 * d), np.uint64(4 * d), d == 0
            for i in range(n):
                digit = places[j, i] >> shift & np.uint64(7)
                least, more = one * np.uint64(digit == _ZERO), _ZERO
                for k in range(7):
                    h = shares[7 * d + k, i]
                    least += h * np.uint64(digit == np.uint64(k + 1))
                    more += h * np.uint64(digit == np.uint64(k))
                flip = _ZERO - (draws[2 * j, i] & _ONE)
                over = least if low else more
                less = one + p - least
                hit = over ^ ((over ^ less) & flip)
                v = one + np.uint64(34) - hit + above[i]
                above[i] += less + more
                z = zeros[j * digits + d, i] % p
                z = z if first else p - z
                v = v * ((draws[2 * j + 1, i] >> four & np.uint64(15)) + _ONE) + z
                row = (np.uint64(d) + (draws[2 * j, i] >> _ONE)) % np.uint64(digits)
                out[j * digits + np.int64(row), i] = v % p


def asked(shares: Words, places: Words, draws: Words, zeros: Words, first: bool) -> Words:
    """Of shares of the code of c, digits by 7 rows: shares of a number for each digit, `digits`
    rows for each place b, of which exactly one is 0 if c >= b, and none otherwise; the other way
    round where the draw is odd. At most 16 digits.

    Rows 2 j and 2 j + 1 of draws: whether to turn the answer, how far to turn the digits, and
    factors other than 0 for each. zeros: masks, added by the first and subtracted by the other.
    """
    out = np.empty(zeros.shape, np.uint64)
    _asked(shares, places, draws, zeros, int(first), out, np.empty(shares.shape[1], np.uint64))
    return out


# The polynomial that holds there


def _collected_definition(
    shares: Words, jumps: Words, passed: Words, draws: Words, shift: Words, low: Words, span: int,
    out: Words,
) -> None:  # fmt: skip
    out[:] = _ZERO
    width, m, rest = jumps.shape[1], passed.shape[0], np.zeros_like(out)
    for row, q in enumerate(jumps):
        by, a = shift, [rest + c for c in q]
        if row == 0:
            a = [c + (passed * jumps[1 : m + 1, k, None]).sum(0) for k, c in enumerate(a)]
        elif row <= m:
            by = shift - passed[row - 1] * np.uint64(span)
        elif row == m + 1:
            by = shift - np.uint64(span)
        a.append(rest)
        three = np.uint64(3) * a[3] * by
        b = [a[0] + by * (a[1] + by * (a[2] + by * a[3])) + a[4] * low,
             a[1] + by * (np.uint64(2) * a[2] + three), a[2] + three, a[3], a[4]]  # fmt: skip
        k = min(row, m + 1)
        flip = _ZERO - (draws[2 * k - 2] & _ONE) if k else rest
        for i in range(width):
            u = shares[width * k + i]
            u = (u ^ flip) - flip + (shares[i] & flip)
            out += b[i] * u


@compiled("in2 in2 in2 in2 in1 in1 int out1", _collected_definition)
def _collected(
    shares: Words, jumps: Words, passed: Words, draws: Words, shift: Words, low: Words, span: int,
    out: Words,
) -> None:  # fmt: skip
    width, m, wrap, three = jumps.shape[1], passed.shape[0], np.uint64(span), np.uint64(3)
    out[:] = _ZERO
    for row in range(jumps.shape[0]):
        k = min(row, m + 1)
        last = width == 5
        q4 = jumps[row, width - 1] if last else _ZERO
        for i in range(out.size):
            by = shift[i]
            a0, a1, a2, a3, a4 = jumps[row, 0], jumps[row, 1], jumps[row, 2], jumps[row, 3], q4
            if row == 0:
                for j in range(m):
                    on = passed[j, i]
                    a0 += jumps[j + 1, 0] * on
                    a1 += jumps[j + 1, 1] * on
                    a2 += jumps[j + 1, 2] * on
                    a3 += jumps[j + 1, 3] * on
                    if last:
                        a4 += jumps[j + 1, 4] * on
            elif row <= m:
                by -= passed[row - 1, i] * wrap
            elif row == m + 1:
                by -= wrap
            t = three * a3 * by
            b0 = a0 + by * (a1 + by * (a2 + by * a3)) + a4 * low[i]
            b1, b2 = a1 + by * (a2 + a2 + t), a2 + t
            flip = _ZERO - (draws[2 * k - 2, i] & _ONE) if k else _ZERO
            at = width * k
            total = b0 * ((shares[at, i] ^ flip) - flip + (shares[0, i] & flip))
            total += b1 * ((shares[at + 1, i] ^ flip) - flip + (shares[1, i] & flip))
            total += b2 * ((shares[at + 2, i] ^ flip) - flip + (shares[2, i] & flip))
            total += a3 * ((shares[at + 3, i] ^ flip) - flip + (shares[3, i] & flip))
            if last:
                total += a4 * ((shares[at + 4, i] ^ flip) - flip + (shares[4, i] & flip))
            out[i] += total


def collected(
    shares: Words, jumps: Words, passed: Words, draws: Words, shift: Words, low: Words, span: int
) -> Words:
    """The sum of a polynomial and of those whose bit is set, at G + shift, from shares.

    Polynomials have coefficients of 1, s, s^2, s^3 and, where there are five, of L + low. Row k of
    shares, in fours or fives: of e_k, e_k G, e_k G^2, e_k G^3, e_k L, with e_0 = 1; bit k is e_k,
    or 1 - e_k where draws[2 k - 2] is odd. jumps: the first polynomial, to which those that are
    passed are added; one for each bit, those passed at `span` less; and two for the last bit, the
    first of them at `span` less.
    """
    out = np.empty(shift.size, np.uint64)
    _collected(shares, jumps, passed, draws, shift, low, span, out)
    return out
