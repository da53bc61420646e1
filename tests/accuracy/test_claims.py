"""Every claim at its edges and at some random points; every function with an error has a claim."""

from collections.abc import Iterator

import pytest

from mpckernel.array.dtypes import SecretType
from tests.accuracy.claim import Claim
from tests.accuracy.claims import CLAIMS, ELSEWHERE
from tests.accuracy.document import FILE, claimed
from tests.accuracy.measure import loose_room, measure
from tests.rooms import Rooms, three_rooms

PAIRS = [(claim, t) for claim in CLAIMS for t in claim.types]
CHECKED = ("exact", "as for")  # errors that need no row of their own


def _name(value: object) -> str:
    return value.name if isinstance(value, Claim) else str(value)


@pytest.fixture(scope="module")
def one() -> Iterator[Rooms]:
    with loose_room() as rooms:
        yield rooms


@pytest.fixture(scope="module")
def three() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


@pytest.mark.parametrize(("claim", "t"), PAIRS, ids=_name)
def test_no_error_beyond_the_claim(one: Rooms, claim: Claim, t: SecretType) -> None:
    found = measure(claim, t, 2000, one)
    assert found.points > 2000
    assert found.share <= 1, found


@pytest.mark.parametrize("claim", CLAIMS, ids=_name)
def test_three_parties_keep_the_claim(three: Rooms, claim: Claim) -> None:
    found = measure(claim, claim.types[0], 100, three, modes=False)
    assert found.share <= 1, found


def test_what_has_an_error_has_a_row() -> None:
    rows, said = {claim.name for claim in CLAIMS} | set(ELSEWHERE), claimed()
    silent = {e for n, e in said.items() if not e.startswith(CHECKED)}
    silent -= {e for n, e in said.items() if n in rows}
    missing = sorted(n for n, e in said.items() if e in silent)
    assert not missing, "a line in tests/accuracy/claims.py, please"


def test_the_document_has_every_claim() -> None:
    text = FILE.read_text()
    missing = [c.label for c, t in PAIRS if f"| {c.label} | `{t}` |" not in text]
    assert not missing, "run python -m tests.accuracy --write"
