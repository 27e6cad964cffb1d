"""Wrong arguments are refused in our words before anything runs, whatever they are."""

import inspect

import pytest
from oracles.bad_values import VALUES, unclear, walked
from oracles.public_calls import NOT_CALLED, PROTOCOL, PROTOCOL_METHODS, WITHOUT_ARGUMENTS, WORDS, calls

import gradflow as gf
from gradflow._errors import TooLarge, WrongType, WrongValue

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def every_call(problem, solution, tmp_path_factory):
    return calls(problem, solution, tmp_path_factory.mktemp("calls"))


@pytest.mark.parametrize("dear", [False, True])
def test_24_bad_values_in_place_of_each_argument_work_or_are_refused_in_our_words(every_call, tmp_path, dear):
    assert len(VALUES) == 24
    chosen = [call for call in every_call if call.dear is dear]
    outcomes = list(walked(chosen, tmp_path, reduced=True))
    assert [str(found) for found in outcomes if found.wrong] == []
    # they are looked at one by one: most are wrong, and some are right
    assert len(outcomes) > 1500
    assert 0 < sum(found.said == "works" for found in outcomes) < len(outcomes) / 4


def test_every_public_name_is_called_or_has_a_reason_not_to_be(every_call):
    called = {call.name.partition(".")[0] for call in every_call}
    assert sorted(set(gf.__all__) - called - NOT_CALLED.keys()) == []
    assert sorted(NOT_CALLED.keys() - set(gf.__all__)) == []


def test_every_public_method_is_called_or_belongs_to_a_protocol(every_call):
    called = {call.name for call in every_call}
    missing = [
        f"{name}.{method}"
        for name in gf.__all__
        if inspect.isclass(kind := getattr(gf, name)) and NOT_CALLED.get(name) not in (PROTOCOL, WORDS)
        for method, function in inspect.getmembers(kind, callable)
        if not method.startswith("_")
        and (getattr(function, "__module__", None) or "").startswith("gradflow")
        and method not in PROTOCOL_METHODS.keys() | WITHOUT_ARGUMENTS
        and f"{name}.{method}" not in called
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: gf.TeacherStudent(gf.orthonormal_teacher(4), width=10**400),
            WrongValue,
            r"width must be at most 9223372036854775807, got an integer of 401 digits\. Write",
        ),
        (
            lambda: gf.TeacherStudent(gf.orthonormal_teacher(4), width=10**9),
            TooLarge,
            r"TeacherStudent: a matrix of 1000000000 × 1000000008 numbers needs .* GB, and .*\. Write TeacherStudent\(",
        ),
        (lambda: gf.orthonormal_teacher(10**7), TooLarge, r"orthonormal_teacher: a matrix of 10000000 × 10000000"),
        (lambda: gf.phase_diagram(8, runs=10**6), TooLarge, r"7 widths of 1000000 runs are more than 1,000,000 runs"),
        (lambda: gf.phase_diagram(8, range(10**12)), TooLarge, "widths names more than 1,000,000 things"),
        (lambda: gf.Tolerances(rtol="1e-3", atol=0), WrongType, "Tolerances: rtol must be a number, got '1e-3'"),
        (
            lambda: gf.align(gf.orthonormal_teacher(3), gf.orthonormal_teacher(4)),
            WrongValue,
            r"align: both networks must have one shape \(width, input\), got \(3, 3\) and \(4, 4\)",
        ),
        (lambda: gf.permute(gf.orthonormal_teacher(2), [0, 0]), WrongValue, "every number from 0 to 1 once"),
        (lambda: gf.flip(gf.orthonormal_teacher(2), [1, 2]), WrongValue, "must be 2 numbers, each 1 or -1"),
        (
            lambda: gf.write_report("~nobody-of-this-name/store", "report.html"),
            WrongValue,
            "'~nobody-of-this-name/store' cannot be used",
        ),
        (lambda: gf.open_store("a" * 300), WrongValue, r"cannot be used \(File name too long\)"),
        (lambda: gf.open_store("a\0b"), WrongValue, r"cannot be used \(embedded null byte\)"),
        (lambda: gf.open_store(""), WrongValue, "must be a path, got an empty text"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(call, kind, message):
    with pytest.raises(kind, match=message) as refusal:
        call()
    assert unclear("", "", f"gf: {refusal.value}") in (None, "names neither the call nor the parameter")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gf.TeacherStudent(widht=5), r"TeacherStudent: there is no argument 'widht': did you mean 'width'\?"),
        (lambda: gf.Loss(len, int=3), r"Loss: there is no argument 'int': did you mean 'init'\?"),
        (lambda: gf.RefineOptions(max_step=3), r"RefineOptions: .*did you mean 'max_steps'\?"),
        (lambda: gf.Diffrax(solvr=1), r"Diffrax: .*did you mean 'solver'\? Write gf\.Diffrax\(\); it takes solver, "),
        (lambda: gf.NDF(rotl=1), r"NDF: there is no argument 'rotl'\. Write gf\.NDF\(\)"),
        (lambda: gf.Enclosure(lowr=1), r"Enclosure: .*did you mean 'lower'\? Write gf\.Enclosure\(lower, upper\)"),
        (lambda: gf.TwoLayerNetwork(), r"TwoLayerNetwork: missing a required argument: 'weights'\. Write gf\.Two"),
        (lambda: gf.GlorotNormal(3), r"GlorotNormal: too many positional arguments\. .*; it takes nothing\."),
        (lambda: gf.Store(foldr="a"), r"Store: .*did you mean 'folder'\?"),
    ],
)
def test_a_class_that_is_called_with_a_name_it_does_not_know_says_what_looks_like_it(call, message):
    with pytest.raises(WrongType, match=message) as refusal:
        call()
    assert refusal.value.__suppress_context__


def test_a_class_keeps_its_signature_and_is_the_same_to_whoever_stands_on_it():
    assert list(inspect.signature(gf.TeacherStudent).parameters)[:2] == ["teacher", "width"]

    class Own(gf.Loss):
        pass

    assert Own(sum, [1.0]).init == 1.0
    with pytest.raises(WrongType, match="there is no argument 'smooth': did you mean 'smoothness'"):
        Own(sum, [1.0], smooth=True)


class _Unprintable:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value", [_Unprintable(), {1: 1.0, "a": 2.0}, [[0.0] * 5000] * 2, "line\nline" * 100, [10**5000]]
)
def test_a_message_holds_on_one_line_whatever_it_shows(value):
    with pytest.raises(TypeError) as refusal:
        gf.TeacherStudent(value, width=4)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500
