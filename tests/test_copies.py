"""What the library hands out may be pickled and copied: sent to another process, kept in a file, changed beside it."""

import copy
import pickle

import jax
import jax.numpy as jnp
import pytest

import gradflow as gf

pytestmark = pytest.mark.usefixtures("unchecked")

COPIES = {"pickle": lambda thing: pickle.loads(pickle.dumps(thing)), "copy": copy.copy, "deepcopy": copy.deepcopy}


def bowl(x):
    return jnp.sum(x**2) / 2


@pytest.fixture(scope="module")
def things(problem, solution, swept):
    """By name: problems, options, and what every verb returns or raises."""
    folder, diagram = swept
    point = gf.copy_average(8, 4)
    certificate = gf.certify(point.problem, point)
    with pytest.raises(gf.GradflowRuntimeError) as failed:
        gf.flow(problem, problem.init(jax.random.key(0)), max_steps=1)
    with pytest.raises(TypeError) as refused:
        gf.flow(problem, 3)
    return {
        "teacher-student": problem,
        "padded": gf.TeacherStudent(gf.orthonormal_teacher(2), 1, padded_width=2),
        "loss": gf.Loss(bowl, [1.0, 2.0], smoothness=gf.Smoothness.KINKED),
        "symmetric": point.problem,
        "method of a problem": problem.loss,
        "initialisers": (gf.GlorotNormal(), gf.Scaled(gf.UnitSphere(), 0.1)),
        "solution": solution,
        "result": solution.result,
        "kinds": (solution.classification.kind, gf.Smoothness.SMOOTH, gf.Statement.ISOLATED),
        "order parameters": gf.order_parameters(solution.trajectory),
        "isotropy": gf.isotropy(problem, solution),
        "family point": point,
        "boundaries": gf.boundaries(8),
        "branch": gf.continuation(
            lambda n: gf.PerturbedNCopy.orbits_of(8, n), gf.perturbed_n_copy(8, 4), at=4, until=3.9
        ),
        "certificates": (certificate, certificate.loss, gf.verify(certificate)),
        "widths": gf.certify_widths(3),
        "failed run": failed.value,
        "refusal": refused.value,
        "diagram": diagram,
        "stored diagrams": gf.stored_diagrams(folder),
        "catalogue": diagram.catalogue,
        "status": gf.status(folder),
    }


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_of_the_same_kind_and_prints_alike(things, how):
    for name, thing in things.items():
        found = COPIES[how](thing)
        assert type(found) is type(thing), name
        assert str(found) == str(thing), name


@pytest.mark.parametrize("how", COPIES)
def test_options_are_equal_to_their_copies(how):
    for options in (gf.NDF(), gf.Diffrax(), gf.RefineOptions(), gf.ClassifyOptions(), gf.IdentifyOptions(), gf.Retry()):
        assert COPIES[how](options) == options


@pytest.mark.parametrize("how", COPIES)
def test_problems_are_equal_to_their_copies_and_share_what_is_compiled(things, how):
    for name in ("teacher-student", "padded", "loss", "symmetric", "method of a problem"):
        assert COPIES[how](things[name]) == things[name]
        assert hash(COPIES[how](things[name])) == hash(things[name])


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_of_an_open_store_reads_it_and_holds_none_of_its_runs(swept_copy, how):
    store = gf.open_store(swept_copy)
    assert store.claims.take("k0008-n0004-run0009")
    again = COPIES[how](store)
    assert [str(address) for address in again.addresses()] == [str(address) for address in store.addresses()]
    if how != "copy":
        assert not again.claims.take("k0008-n0004-run0009")
    store.claims.release("k0008-n0004-run0009")


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_of_the_columns_of_a_store_has_them(swept, how):
    runs = gf.stored_runs(swept[0])
    assert str(COPIES[how](runs).columns) == str(runs.columns)
