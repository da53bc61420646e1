"""Large arrays come and go in every round: keep their pages instead of returning them each time.

glibc gives blocks above 128 KiB back to the system at once, and the next array pays for fresh
pages again: up to four times the cost of the arithmetic. Raising two limits (mallopt(3)) keeps at
most 1 GiB of freed memory in the process. They hold for the process's first arena alone: the heaps
of other threads' arenas go back to the system as soon as they are empty. So threads that begin
after this share one arena. Elsewhere than on glibc this does nothing.
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -3, -4, -8
KEPT, LARGEST = 1 << 30, 32 << 20  # bytes kept; the largest block that is


def keep_pages() -> bool:
    """Whether the limits were raised. Cheap, and may be called again."""
    return _told((M_MMAP_THRESHOLD, LARGEST), (M_TRIM_THRESHOLD, KEPT), (M_ARENA_MAX, 1))


def keep_all_pages() -> bool:
    """From now on keep blocks of every size for good: for measurements, where the pages of a
    result are those of the result of the run before."""
    return _told((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, -1), (M_ARENA_MAX, 1))


def _told(*limits: tuple[int, int]) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library
        return False
    return sum(mallopt(*limit) for limit in limits) == len(limits)
