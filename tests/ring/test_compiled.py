"""Compiled loops equal their definitions; Numba stays out until used; its cache works anywhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mpckernel
from mpckernel.ring import warm
from mpckernel.ring.bits import from_planes, planes
from mpckernel.ring.compiled import Compiled, _compile, table
from mpckernel.ring.words import cross
from tests.ring.strategies import draw_words

PACKAGE = Path(mpckernel.__path__[0])
SHAPES = {
    "_cross": [[n] * 7 for n in (0, 1, 65, 1000)],
    "_cross_and": [[n] * 7 for n in (0, 1, 65, 1000)],
    "_by_panels": [
        [(m, p), (p, q), (m, q), 512 * 128 + 4 * 512 + 4 * 128]
        for m, p, q in [(1, 1, 1), (5, 3, 2), (7, 130, 513), (4, 128, 512), (3, 0, 3)]
    ],
    "_by_rows": [[(5, 3), (3, 2), (5, 2)], [(9, 70), (70, 65), (9, 65)]],
    "_by_dots": [[(5, 3), (2, 3), (5, 2)], [(9, 70), (65, 70), (9, 65)]],
    "_add_windows": [[(2 * 3 * 2, 4 * 3 * 2), (2 * 4 * 7, 6), 4, 3, 2, 2, 3, 2]],
    "_turn": [
        *[[n, (1, 0), 0, (width, -(-n // 64)), 1024] for n in (1, 65, 3000) for width in (1, 40)],
        *[[0, (width, -(-n // 64)), n, (1, 0), 1024] for n in (1, 65, 3000) for width in (1, 40)],
    ],
    "_order": [[n * rows + 64, n, n * rows] for rows, n in ((1, 1), (3, 50), (1, 0), (2, 2))],
    "_turned": [[(2**k, n), n, (2**k, n)] for n in (0, 1, 65) for k in (1, 4)],
    "_places": [[(v, n), (v, n), (5, v), (5, v), n // 5, n] for n in (5, 65) for v in (2, 8)],
    "_point": [[n, (n, 2**k - 1), (n, 2**k - 1)] for n in (0, 1, 65) for k in (1, 4)],
    "_chosen": [
        [(n, 2**k - 1), n, (3, 2**k), one, (3, n), 2**k]
        for n in (0, 1, 65)
        for k in (1, 4)
        for one in (0, 1)
    ],
    "_points": [
        [(3 * k, m), k, (2**k - 1, 3 * m), (2**k - 1, 3 * m), 16 * 256]
        for m in (0, 1, 300)
        for k in (1, 2, 3, 4)
    ],
    "_sums": [
        [(2**k - 1, 3 * m), (3 * k, m), k, one, 12, (12, 3 * m), 3 * 256 * 2**k]
        for m in (0, 1, 300)
        for k in (1, 2, 3, 4)
        for one in (0, 1)
    ],
    "_ends": [
        [(15, 3 * m), (12, m), one, 3 * m, passes * 3 * m, 22 * 128]
        for m in (0, 1, 300)
        for one in (0, 1)
        for passes in (0, 1)
    ],
    "_times_less": [[n] * 4 for n in (0, 1, 65)],
    "_raised_less": [[n, n, n, up, plus, n] for n in (0, 65) for up in (3, 63) for plus in (-7, 9)],
    "_offered": [[-(-n // 64), n, 2 * n, 2 * n] for n in (0, 1, 65, 300)],
    "_taken": [[-(-n // 64), n, 2 * n, n, one, n] for n in (0, 1, 65, 300) for one in (0, 1)],
    "_halve": [
        [*[(n - 1, m)] * 2, *[(n, m)] * 2, *[(n // 2 * 2 - 1, m)] * 3]
        for m in (0, 3)
        for n in (2, 3, 16)
    ],
    "_squeeze": [[n, w, -(-n * w // 64)] for n in (1, 64, 777) for w in (1, 20, 33, 63, 64)],
    "_spread": [[-(-n * w // 64), w, n] for n in (1, 64, 777) for w in (1, 20, 33, 63, 64)],
    "_code": [[n, (21, n), (21, n)] for n in (0, 1, 65)],
    "_asked": [
        [(7 * d, n), (m, n), (2 * m, n), (m * d, n), one, (m * d, n), n]
        for n in (0, 65)
        for d in (1, 5)
        for m in (1, 3)
        for one in (0, 1)
    ],
    "_collected": [
        [(k * (m + 2), n), (m + 3, k), (m, n), (2 * m + 2, n), n, n, 2**30, n]
        for n in (0, 65)
        for m in (0, 3)
        for k in (4, 5)
    ],
}
CASES = [(f, sizes) for f in table() for sizes in SHAPES[f.loop.__name__]]


@pytest.mark.parametrize(
    ("function", "sizes"), CASES, ids=lambda x: str(getattr(x, "loop", x))[:40]
)
def test_compiled_equals_definition(function, sizes):
    kinds = function.kinds.split()
    args = [
        size if kind == "int" else draw_words(size, k)
        for k, (kind, size) in enumerate(zip(kinds, sizes, strict=True))
    ]
    outs = [k for k, kind in enumerate(kinds) if kind.startswith("out") and args[k].size < 2**16]
    tile = {"_turn": 4, "_chosen": 5, "_points": 4, "_sums": 6, "_ends": 5, "_asked": 6}.get(
        function.loop.__name__
    )
    outs = [k for k in outs if k != tile]
    mine, theirs = ([np.copy(x) if np.ndim(x) else x for x in args] for _ in range(2))
    function.compile()(*mine)
    function.definition(*theirs)
    for k in outs:
        np.testing.assert_array_equal(mine[k], theirs[k])


def test_the_table_is_what_this_file_tests():
    assert {f.loop.__name__ for f in table()} == set(SHAPES)


def run(code, folder=PACKAGE.parent, **env):
    """Run Python in a fresh process and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "MPCKERNEL_NUMPY": "", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


_COMPILED = shutil.ignore_patterns("__pycache__")
IMPORTS = "from mpckernel.ring import bits, fixed, prg, warm, words; import sys, numpy as np\n"
USE = "x = np.ones(70, np.uint64); bits.planes(x); words.cross(x, x, x, x, x, x)\n"


def test_numba_is_imported_at_the_first_use_and_not_before():
    code = IMPORTS + "print('numba' in sys.modules, warm.warmed)\n" + USE
    code += "print('numba' in sys.modules)"
    assert run(code) == ["False", "False", "True"]


def test_the_switch_runs_the_definitions():
    code = IMPORTS + USE + "warm.warm(); print('numba' in sys.modules, warm.warmed)"
    assert run(code, MPCKERNEL_NUMPY="1") == ["False", "True"]


@pytest.mark.slow
def test_the_cache_is_kept_below_a_path_with_spaces_and_may_be_damaged(tmp_path):
    folder, cache = tmp_path / "a path with spaces", tmp_path / "a cache, too"
    shutil.copytree(PACKAGE / "ring", folder / "mpckernel" / "ring")
    shutil.copy(PACKAGE / "errors.py", folder / "mpckernel")
    code = IMPORTS + "warm.warm(); print(warm.words.__file__.count(' '))\n"
    code += "from mpckernel.ring.compiled import table\n"
    code += "print(sum(sum(f.ready.stats.cache_hits.values()) for f in table()))"
    names = len(table())
    assert run(code, folder, NUMBA_CACHE_DIR=str(cache)) == ["3", "0"]
    assert len(list(cache.rglob("*.nbi"))) == names
    assert run(code, folder, NUMBA_CACHE_DIR=str(cache)) == ["3", str(names)]
    for file in [*cache.rglob("*.nbi"), *cache.rglob("*.nbc")]:
        file.write_bytes(file.read_bytes()[:-40])
    assert run(code, folder, NUMBA_CACHE_DIR=str(cache)) == ["3", "0"]


@pytest.mark.slow
def test_compiled_code_lies_in_the_users_cache_and_not_in_the_package(tmp_path):
    folder, cache = tmp_path / "installed", tmp_path / "cache"
    shutil.copytree(PACKAGE / "ring", folder / "mpckernel" / "ring", ignore=_COMPILED)
    shutil.copy(PACKAGE / "errors.py", folder / "mpckernel")
    code = IMPORTS + USE + "from numba.core import config; print(repr(config.CACHE_DIR))"
    got = run(code, folder, NUMBA_CACHE_DIR="", XDG_CACHE_HOME=str(cache))
    assert got == ["''"]  # the user's own functions go where they went
    assert list((cache / "mpckernel-compiled").rglob("*.nbi"))
    assert not list(folder.rglob("*.nbi"))


def test_without_a_place_for_the_cache_it_compiles_anyway(monkeypatch):
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    ready = _compile(table()[0].loop, table()[0].kinds)
    args = list(draw_words((6, 10), 1))
    out = np.zeros(10, np.uint64)
    ready(*args, out)
    np.testing.assert_array_equal(out, cross(*args))


def test_warm_compiles_everything_and_again_changes_nothing():
    warm.warm()
    before = [f.ready for f in table()]
    warm.warm()
    assert warm.warmed
    assert all(f.ready is old for f, old in zip(table(), before, strict=True))


def test_while_a_thread_warms_callers_get_the_definition(monkeypatch):
    monkeypatch.setattr(Compiled, "waiting", False)
    for function in table():
        monkeypatch.setattr(function, "ready", None)
    w = draw_words(100, 1)
    np.testing.assert_array_equal(from_planes(planes(w), 100), w)
    assert not warm.warmed


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.5, 30])
def test_a_process_that_ends_while_it_warms_ends_cleanly(seconds, tmp_path):
    code = IMPORTS + f"thread = warm.start_warming(); thread.join({seconds})\n"
    code += "print(thread.is_alive() or warm.warmed)"
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == ["True"]
