"""Whatever prints a word compares with it, is found by it, and is told from what looks like it."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import WrongType, WrongValue
from gradflow._result_names import RESULT_NAMES
from gradflow._suggestions import near


@pytest.mark.parametrize("enumeration", [gf.Kind, gf.NeuronKind, gf.Statement])
def test_a_member_is_its_word(enumeration):
    for member in enumeration:
        word = str(member)
        assert member == word == member.value == f"{member}"
        assert {word: 1}[member] == 1
        assert np.isin(np.array([word, "another"]), [member]).tolist() == [True, False]


def test_a_result_prints_as_its_name_and_compares_with_it():
    for name in RESULT_NAMES:
        result = getattr(gf.RESULTS, name)
        assert str(result) == repr(result) == name
        assert result == name
    assert gf.RESULTS.diverged != "successful"
    with pytest.raises(WrongValue, match=r"there is no 'sucessful': did you mean 'successful'"):
        gf.RESULTS.successful == "sucessful"  # noqa: B015
    assert str(gf.Smoothness.KINKED) == "KINKED"


def test_a_member_equals_its_name_and_itself_and_nothing_else():
    member = gf.RESULTS.successful
    assert member == "successful"
    assert member != "diverged"
    assert member == gf.RESULTS.successful
    assert member != gf.RESULTS.diverged
    for other in (None, 0, 1.5, ("successful",), gf.Smoothness.SMOOTH, diffrax.RESULTS.successful, object()):
        assert (member == other) is False
        assert (member != other) is True
    with pytest.raises(WrongValue, match="did you mean 'successful'"):
        _ = member == "succesful"


def test_a_member_is_found_by_its_name_and_prints_as_it():
    counts = {gf.RESULTS.successful: 3, gf.RESULTS.diverged: 1}
    assert counts["successful"] == 3
    assert counts[gf.RESULTS.diverged] == 1
    assert len({gf.RESULTS.successful, gf.RESULTS.successful, gf.RESULTS.interrupted}) == 2
    assert str(gf.RESULTS.successful) == "successful"
    assert hash(gf.Smoothness.KINKED) == hash("KINKED")


def test_a_traced_member_is_compared_with_others_of_its_kind():
    found = jax.jit(lambda result: (result == gf.RESULTS.successful, result != "diverged"))(gf.RESULTS.successful)
    assert [bool(each) for each in found] == [True, True]


def test_results_go_through_compiled_code_with_their_names():
    @jax.jit
    def chosen(flag):
        return gf.RESULTS.where(flag, gf.RESULTS.successful, gf.RESULTS.interrupted)

    assert str(chosen(jnp.asarray(False))) == "interrupted"
    assert chosen(jnp.asarray(True)) == "successful"
    assert isinstance(chosen(jnp.asarray(True)), gf.RESULTS)


def test_what_a_solution_prints_compares_with_what_it_has(solution):
    assert str(solution.result) == "successful"
    assert solution.result == solution.trajectory.result == solution.point.result == "successful"
    assert solution.classification.kind == "minimum"
    assert {neuron.kind for neuron in solution.configuration.neurons} == {"exact copy", "exact average"}


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("tol", ("rates", "rtol", "atol", "gradient_tolerance"), ["rtol", "atol", "gradient_tolerance"]),
        ("PnC", ("C-A", "P-n-C", "other"), ["P-n-C"]),
        ("MINIMUM", ("minimum", "saddle"), ["minimum"]),
        ("x", ("rtol", "max_steps"), []),
    ],
)
def test_near_words_are_slips_and_parts(word, known, found):
    assert near(word, known) == found


@pytest.mark.parametrize(
    ("verb", "slip", "meant"),
    [
        (gf.solve, "tol", "'rtol', 'atol' or 'gradient_tolerance'"),
        (gf.flow, "maxsteps", "'max_steps'"),
        (gf.phase_diagram, "width", "'widths'"),
        (gf.copy_average, "partitions", "'partition'"),
        (gf.boundaries, "digit", "'digits'"),
        (gf.write_figures, "format", "'formats'"),
    ],
)
def test_an_argument_that_a_verb_does_not_know_is_refused_with_those_that_look_like_it(verb, slip, meant):
    with pytest.raises(WrongType, match=rf"^{verb.__name__}: there is no argument '{slip}': did you mean {meant}"):
        verb(**{slip: 1})


@pytest.mark.parametrize("name", [name for name in gf.__all__ if name.islower() and callable(getattr(gf, name))])
def test_a_call_that_does_not_fit_says_what_would(name):
    """Every public verb: too little, and one word that nobody knows."""
    verb = getattr(gf, name)
    with pytest.raises(WrongType, match=rf"^{name}: .* Write gf\.{name}\("):
        verb(*[None] * 40)


def test_a_verb_keeps_its_help_and_can_be_pickled():
    import inspect
    import pickle

    assert list(inspect.signature(gf.solve).parameters)[:3] == ["problem", "student", "method"]
    assert gf.solve.__doc__.startswith("Follow the gradient flow")
    assert pickle.loads(pickle.dumps(gf.solve)) is gf.solve
