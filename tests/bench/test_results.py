"""Results are kept by name, and tables stand between their markers."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from mpckernel.bench import calibrate, results, tables
from mpckernel.bench.estimates import Guess, estimates, guesses, judged, predict, shares
from mpckernel.bench.peers import comparison
from mpckernel.errors import UsageError
from mpckernel.runtime import speeds
from mpckernel.runtime.speeds import SPEEDS

BENCH = Path(__file__).parents[2] / "bench"
PAGE = "# T\n\n<!-- table: one -->\nold\n<!-- end -->\ntext\n<!-- table: two -->\n<!-- end -->\n"


def test_a_result_replaces_the_one_of_its_name(tmp_path):
    assert results.load(tmp_path, "s") == {}
    results.keep(tmp_path, "s", [{"name": "a", "v": 1}, {"name": "b", "v": 2}])
    results.keep(tmp_path, "s", [{"name": "a", "v": 3}])
    assert list(results.load(tmp_path, "s").values()) == [
        {"name": "a", "v": 3},
        {"name": "b", "v": 2},
    ]


def test_tables_go_between_their_markers():
    text = results.filled(PAGE, {"one": "new\nlines", "three": "unused"})
    assert text == PAGE.replace("old", "new\nlines")
    assert results.filled(text, {"two": "|x|"}).endswith("-->\n|x|\n<!-- end -->\n")


def test_the_tables_in_the_repository_are_those_of_its_results():
    """After a change of a table's form, or of what a workload costs: its rows are marked then.

    mpckernel bench --tables --write bench
    """
    if not (BENCH / results.PAGE).exists():
        pytest.skip("an installed copy has no figures")
    page = (BENCH / results.PAGE).read_text()
    assert results.filled(page, tables.all_tables(BENCH)) == page


def test_a_page_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="FIGURES"):
        results.rewrite(tmp_path, {})


def test_empty_results_make_no_tables(tmp_path):
    assert tables.all_tables(tmp_path) == {}


def test_relative_error_of_a_prediction():
    assert Guess("W1", "lan", 1.25, 1.0).off == pytest.approx(0.25)


def test_the_best_peer_is_right_and_protects_its_inputs():
    row = {
        "name": "W1", "ours": 0.05, "ours_range": [0.04, 0.06], "failed": "", "load": 0.1,
        "engines": {
            "SPU": {"seconds": 0.02, "error": 1.0},
            "MP-SPDZ": {"seconds": 0.2, "error": 1e-5},
            "CrypTen": {"seconds": 0.01, "error": 0.0},
            "MPyC": {"failed": "no result"},
        },
    }  # fmt: skip
    text = comparison({"W1": row})
    assert "| MP-SPDZ, 0.2 | **4** | 2 |" in text
    assert "0.02 (wrong by 1)" in text
    assert "failed" in text


def _row(name: str, network: str, seconds: float, when: float) -> dict[str, Any]:
    asks = [1, 3, 3.0, 8e7, {"call": 9.0, "mul_trunc bits": 2.4e8}]
    return {
        "name": name, "network": network, "seconds": seconds, "when": when, "asks": asks,
        "failed": "", "parties": 3, "cores": 2,
    }  # fmt: skip


def test_forecasts_are_those_measured_after_the_constants_were_fitted(tmp_path):
    expected = predict(_row("W1", "loopback", 1.0, 0.0), "loopback", SPEEDS)
    rows = [_row("W1", "loopback", expected * 1.2, 50.0), _row("W2", "loopback", expected, 150.0),
            _row("W3a", "loopback", expected * 3, 150.0)]  # fmt: skip
    found = list(judged([*rows, rows[0] | {"failed": "wrong"}], SPEEDS, fitted=100.0))
    assert [g.after for g in found] == [False, True, True]
    assert list(shares(found)) == ["loopback: within 25%: 1 of 2 forecasts, 2 of 3 in all"]
    assert "-17%  fit" in str(found[0])
    results.keep(tmp_path, "loopback", rows)
    assert list(guesses(tmp_path, SPEEDS, 100.0)) == found
    assert "| within 25%, all | 2 of 3 |" in estimates(tmp_path)


def test_shipped_constants_keep_their_text_and_get_a_date(tmp_path, monkeypatch):
    copy = tmp_path / "speeds.py"
    copy.write_text(Path(speeds.__file__).read_text())
    monkeypatch.setattr(calibrate.speeds, "__file__", str(copy))
    calibrate.ship({"cell": 0.5, "round": 1e-5})
    space = runpy.run_path(str(copy))
    assert space["SPEEDS"] == {"cell": 0.5, "round": 1e-5}
    assert space["FITTED"] > speeds.FITTED
    assert space["__doc__"] == speeds.__doc__
