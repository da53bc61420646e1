import numpy as np
import pytest

from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols import ideal, op
from mpckernel.protocols.composed.claims import proven
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.protocols.op import FEW, Cost
from mpckernel.ring.words import as_words
from mpckernel.runtime.call import Handle
from mpckernel.runtime.cell import empty_operand
from mpckernel.runtime.plan import Plan

NAMES = ("alice", "bob", "carol")


def plan_with_input(shape=(4,), bound=100, **fields):
    plan = Plan("rep3", NAMES, **fields)
    x = plan.add(ideal.input_words, empty_operand(), owner=0, shape=shape, bound=bound)
    return plan, x


def test_rounds_are_the_longest_path_and_bits_the_sum():
    plan, x = plan_with_input()
    z = plan.add(ideal.mul, x, x)
    plan.add(ideal.mul, z, z)
    plan.add(ideal.mul, x, plan.add(ideal.add, x, x))
    assert plan.cost == Cost(3, 4 * (64 + 3 * 192))


def test_the_same_call_asked_for_twice_is_one_call():
    plan, x = plan_with_input()
    assert plan.add(ideal.mul, x, x) is plan.add(ideal.mul, x, x)
    c = as_words(3)
    assert plan.add(ideal.scale, x, c) is plan.add(ideal.scale, x, as_words(3))
    assert plan.add(ideal.scale, x, c) is not plan.add(ideal.scale, x, as_words(4))


def test_a_proven_bound_makes_another_call():
    plan, x = plan_with_input()
    loose, tight = plan.add(ideal.mul, x, x), plan.add(proven(ideal.mul, 50), x, x)
    assert (loose.bound, tight.bound) == (x.bound**2, 50)
    assert plan.add(proven(ideal.mul, 50), x, x) is tight
    assert plan.add(ideal.mul, x, x) is loose


def test_two_inputs_of_one_shape_stay_two():
    plan, x = plan_with_input()
    y = plan.add(ideal.input_words, empty_operand(), owner=0, shape=(4,), bound=100)
    assert x is not y


def test_a_product_that_might_not_fit_is_refused_with_its_line():
    plan, x = plan_with_input(bound=2**40)
    plan.line = 7
    with pytest.raises(OutOfRange, match=r"line 7: .*2\^81.*nothing was sent"):
        plan.add(ideal.mul, x, x)
    assert len(plan.calls) == 1


def test_a_sum_over_many_rows_is_bounded_by_their_number():
    plan, x = plan_with_input(shape=(2**12,), bound=2**50)
    with pytest.raises(OutOfRange):
        plan.add(ideal.total, x, axis=(0,), n=2**12)
    assert plan.add(ideal.total, x, axis=(0,), n=2**11).bound == 2**61


def test_shapes_that_do_not_fit_are_named():
    plan, x = plan_with_input(shape=(4,))
    y = plan.add(ideal.input_words, empty_operand(), owner=1, shape=(3,), bound=1)
    with pytest.raises(UsageError, match=r"\(4,\) and \(3,\) do not fit"):
        plan.add(ideal.mul, x, y)


@pytest.mark.parametrize(
    "change",
    [
        lambda p, x: p.add(ideal.scale, x, as_words(4)),
        lambda p, x: p.add(ideal.shift, x, as_words(3)),
        lambda p, x: p.add(ideal.scale, x, as_words(np.full(4, 3))),
        lambda p, x: p.add(ideal.trunc, x, f=3),
        lambda p, x: p.add(ideal.open_words_to, x, to=1),
    ],
)
def test_digest_sees_every_field(change):
    plan, x = plan_with_input()
    plan.add(ideal.scale, x, as_words(3))
    other, y = plan_with_input()
    change(other, y)
    assert plan.digest() != other.digest()


def test_digest_sees_inputs_scheme_parties_and_what_is_held():
    base = plan_with_input()[0].digest()
    assert plan_with_input(bound=101)[0].digest() != base
    assert plan_with_input(shape=(2, 2))[0].digest() != base
    swapped = Plan("rep3", NAMES[::-1])
    swapped.add(ideal.input_words, empty_operand(), owner=0, shape=(4,), bound=100)
    assert swapped.digest() != base
    digests = set()
    for number in (3, 4):
        _, x = plan_with_input()
        x.handle, x.result = Handle("run", number), object()
        later = Plan("rep3", NAMES)
        later.add(ideal.mul, x, x)
        digests.add(later.digest())
    assert len(digests) == 2


def test_private_values_are_not_in_the_digest():
    plan, x = plan_with_input()
    before = plan.digest()
    x.private = as_words(np.arange(4))
    assert plan.digest() == before


def test_a_secret_of_a_cell_that_failed_cannot_be_used():
    _, x = plan_with_input()
    with pytest.raises(UsageError, match="did not finish"):
        Plan("rep3", NAMES).add(ideal.mul, x, x)


def test_few_products_are_cut_in_two_rounds_and_many_in_three():
    for n, way, rounds, bits in (
        (FEW, "mul_trunc few", 2, 193 + 4 * 16),
        (FEW + 64, "mul_trunc", 3, 192 + 3 * 16),
    ):
        plan = Plan("rep3", NAMES)
        z = plan.add(
            ideal.mul_trunc, plan.given((n,), "word", 100), plan.given((n,), "word", 100), f=16
        )
        assert (z.op.name, z.depth, plan.cost) == (way, rounds, Cost(rounds, n * bits))


def test_a_composed_function_chooses_by_its_chunks():
    def square(do, x):
        return do(ideal.mul_trunc, x, x, f=16)

    for n, rounds in ((FEW, 2), (2 * FEW, 3), (2**16 + 1, 3)):
        plan = Plan("rep3", NAMES)
        assert plan.add(lanewise(square), plan.given((n,), "word", 100)).depth == rounds


def test_the_digest_tells_the_ways_apart(monkeypatch):
    def made() -> bytes:
        plan, x = plan_with_input()
        plan.add(ideal.mul_trunc, x, x, f=16)
        return plan.digest()

    before = made()
    monkeypatch.setattr(op, "FEW", 0)
    assert made() != before
