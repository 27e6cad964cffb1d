"""A call that works for every public name of gradflow that can be called, or the reason why there is none."""

from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import gradflow as gf
from oracles.bad_values import (
    ANY_NUMBER,
    COUNT,
    COUNT_FROM_0,
    FLAG,
    NOT_NEGATIVE,
    NUMBERS,
    OPTIONAL,
    POSITIVE,
    Call,
)

_RETURNED = "returned by verbs, and built by keyword there"
PROTOCOL = "what an implementation of this protocol is called with: gradflow calls it, with arguments of its own"
_ERROR = "raised, not made by callers"
WORDS = "an enumeration"

# names that are not walked
NOT_CALLED: dict[str, str] = {
    "__version__": "text",
    **dict.fromkeys(("Smoothness", "Kind", "NeuronKind", "Statement", "RESULTS"), WORDS),
    **dict.fromkeys(("GradflowRuntimeError", "ExecutorError", "StoreError", "PrecisionWarning"), _ERROR),
    **dict.fromkeys(
        (
            "AbstractActivation",
            "AbstractInitialiser",
            "AbstractProblem",
            "AbstractSymmetry",
            "AbstractMethod",
            "AbstractExecutor",
            "AbstractMeter",
            "BlockCoefficients",
            "Pairs",
            "PartialDerivatives",
            "ZeroModes",
            "StepInfo",
            "GradientField",
        ),
        PROTOCOL,
    ),
    **dict.fromkeys(
        (
            "SymmetricSpectrum",
            "Trajectory",
            "Point",
            "Classification",
            "Tail",
            "FlatSet",
            "LearningCoefficient",
            "CopyAverage",
            "PerturbedNCopy",
            "FamilyTable",
            "FamilySpectra",
            "Boundaries",
            "Boundary",
            "Branch",
            "SpecialPoint",
            "Configuration",
            "Neuron",
            "Isotropy",
            "Certificate",
            "Verification",
            "CertifiedWidths",
            "CertifiedWidth",
            "WidthsVerification",
            "Solution",
            "PhaseDiagram",
            "Transition",
            "Estimate",
            "Certified",
            "VerifiedRuns",
            "Merged",
            "Status",
            "Experiment",
            "Address",
            "Record",
            "Catalogue",
            "CataloguedPoint",
            "OrderParameters",
            "PassedPoints",
            "Passage",
            "Comparison",
        ),
        _RETURNED,
    ),
    **dict.fromkeys(("Erf", "Gaussian", "GlorotNormal"), "has no arguments"),
}

# public methods that are not walked, by their own name: the protocols of problems, activations, methods, executors,
# points and stores
PROTOCOL_METHODS: dict[str, str] = dict.fromkeys(
    (
        "init step run units",  # of a method, an executor
        "check fitting whole compiled confined drift pad unpad stacked invariants",
        "structural_zero_modes stated_tangents orbit_tangents",
        "copies starts element elements moved motions nearest begun representative conserved",  # of a symmetry
        "excess given shaped landscape settled in_arithmetic rounded loses",
        "gradient_coefficient own_block cross_block planar_cross_block expectation_size map residual_shift",
        "ask asked claim certificate certificate_path certificate_stamp content is_record keep keep_certificate",
        "grids keep_grid keep_content read_certificate read_header",
        "stamp stamp_of write write_file write_index addresses",
        "loss_and_gradient changes attains concerns columns contradicts denies update tolerance",
        "description canonical identity key options problem start summary",
    ),
    PROTOCOL,
)
PROTOCOL_METHODS = {name: PROTOCOL for names in PROTOCOL_METHODS for name in names.split()}
# and those without arguments
WITHOUT_ARGUMENTS = frozenset({"to_dataset", "to_json", "to_pandas", "repeated"})


def calls(problem: gf.TeacherStudent, solution: gf.Solution, folder: Path) -> list[Call]:
    """All of them. `problem` and `solution` as in tests/conftest.py; `folder` is an empty one to work in."""
    student, trajectory, point = solution.trajectory.final, solution.trajectory, solution.point
    store = folder / "store"
    diagram = gf.phase_diagram(k=8, widths=[4], runs=1, store=store)
    record = store / "records" / "k0008-n0004-run0000.npz"
    scheduler = folder / "scheduler.json"
    scheduler.write_text("{}")
    summary = gf.write_summary(diagram, folder / "summary.csv")
    loss = gf.Loss(lambda x: jnp.sum(x["a"] ** 2) + x["b"] ** 2, init={"a": [1.0, 2.0], "b": 3.0})
    given = {"a": np.array([0.5, 1.0]), "b": np.array(2.0)}
    squares = gf.LeastSquares(_itself, init=[1.0, 2.0])
    symmetric = gf.perturbed_n_copy(k=8, n=4)
    reduced = gf.SymmetricTeacherStudent(symmetric.orbits)
    network = gf.SymmetricNetwork(
        *(np.asarray(part, dtype=float) for part in (symmetric.network.own, symmetric.network.others)),
        np.asarray(symmetric.network.output, dtype=float),
    )
    certificate = gf.certify(gf.TeacherStudent(gf.orthonormal_teacher(2), 1), gf.copy_average(2, 1, d=2))
    certificate_file = gf.write_certificate(certificate, folder / "certificate.json")
    widths = gf.certify_widths(3)
    table = gf.write_certified_widths(widths, folder / "widths.csv")
    boundaries = gf.boundaries(8)
    branch = gf.continuation(lambda n: gf.PerturbedNCopy.orbits_of(8, n), symmetric, at=4, until=3.9)
    flow_numbers = {
        "rtol": OPTIONAL | POSITIVE,
        "atol": OPTIONAL | NOT_NEGATIVE,
        "gradient_tolerance": OPTIONAL | NOT_NEGATIVE,
        "max_steps": COUNT_FROM_0,
        "samples_per_decade": COUNT,
        "time_limit": OPTIONAL | POSITIVE,
    }
    stages = dict.fromkeys(("refine_options", "classify_options", "identify_options"), OPTIONAL)
    found: list[Call] = []

    def add(name: str, function: Any, right: Any = None, dear: bool = False, slow: Any = None, **given: Any) -> None:
        found.append(Call(name, function, given, right or {}, dear, slow or {}))

    add("cache", _cache_of_another_process, {"path": OPTIONAL | {"text"}}, path=folder / "programs")
    # networks and laws
    add("Erf", gf.Erf(), {"u": NUMBERS}, u=0.5)
    variance = NOT_NEGATIVE | {"rank 3", "empty list"}
    pairs = {"p": variance, "q": variance, "c": {"minus one", "zero", "rank 3", "empty list"}}
    for name in ("expectation", "partial_derivatives"):
        add(
            f"Erf.{name}",
            getattr(gf.Erf(), name),
            pairs | {"gram_determinant": OPTIONAL | variance},
            p=1.0,
            q=1.0,
            c=0.5,
            gram_determinant=0.75,
        )
    add(
        "TwoLayerNetwork",
        gf.TwoLayerNetwork,
        {"activation": OPTIONAL},
        weights=[[1.0, 0.5], [0.5, -1.0]],
        output=[1.0, 2.0],
        activation=gf.Erf(),
    )
    add("TwoLayerNetwork", gf.TwoLayerNetwork([[1.0, 0.5]], [1.0]), {}, x=[1.0, 2.0])
    add("orthonormal_teacher", gf.orthonormal_teacher, {"d": OPTIONAL}, k=2, d=3)
    add("LecunNormal", gf.LecunNormal, {"output": ANY_NUMBER}, output=1.0)
    add("UnitSphere", gf.UnitSphere, {"output": ANY_NUMBER}, output=1.0)
    scales = {"weights": POSITIVE, "output": NOT_NEGATIVE}
    add("Scaled", gf.Scaled, scales, law=gf.GlorotNormal(), weights=0.5, output=2.0)
    add("Balanced", gf.Balanced, law=gf.GlorotNormal())
    digest = gf.WarmStart(record).digest
    warm = {"noise": NOT_NEGATIVE, "law": OPTIONAL, "digest": OPTIONAL}
    add("WarmStart", gf.WarmStart, warm, record=record, noise=0.1, law=gf.GlorotNormal(), digest=digest)
    add("align", gf.align, network=student, reference=student)
    add("distance", gf.distance, network=student, reference=student)
    add("flip", gf.flip, network=student, signs=np.array([1.0, -1.0, 1.0, 1.0]))
    add("permute", gf.permute, network=student, order=np.array([1, 0, 2, 3]))

    # problems
    add(
        "Loss",
        gf.Loss,
        {
            "init": {"trillion", "largest float", "minus one", "zero", "rank 3", "dict"},
            "args": ARGUMENTS,
            "gradient_floor": OPTIONAL | POSITIVE,
            "hessian_error": OPTIONAL | POSITIVE,
            "least_loss": OPTIONAL | ANY_NUMBER,
            "curves": OPTIONAL | {"function"},
        },
        fn=_square,
        init=[1.0, 2.0],
        args=np.ones(2),
        gradient_floor=1e-12,
        hessian_error=1e-12,
        least_loss=0.0,
        curves=lambda parameters: np.zeros((2, 0)),
        smoothness=gf.Smoothness.SMOOTH,
    )
    add(
        "LeastSquares",
        gf.LeastSquares,
        {"init": {"trillion", "largest float", "minus one", "zero", "rank 3"}, "args": ARGUMENTS},
        residuals=_itself,
        init=[1.0, 2.0],
        args=np.ones(2),
    )
    alike = gf.Permutations(_itself)
    claims = {"symmetries": OPTIONAL | {"empty list"}}
    add("Loss", partial(gf.Loss, _square, [1.0, 2.0]), claims, symmetries=[alike])
    add("LeastSquares", partial(gf.LeastSquares, _itself, [1.0, 2.0]), claims, symmetries=[alike])

    # symmetries
    layers, atoms = {"w": np.ones((2, 3)), "a": np.array([[1.0, 2.0]])}, np.arange(6.0).reshape(2, 3)
    chosen, several = {"function"}, ANY_AXIS
    into, out = partial(_leaf, name="w"), partial(_leaf, name="a")
    made = {
        "Rescaling": (
            {"incoming": chosen, "outgoing": chosen, "degree": POSITIVE}
            | {"incoming_axes": several, "outgoing_axes": OPTIONAL | several},
            {"incoming": into, "outgoing": out, "degree": 2.0, "incoming_axes": 0, "outgoing_axes": (1,)},
            (layers, [1.0, 2.0]),
        ),
        "Scaling": (
            {"weights": chosen, "axes": OPTIONAL | several},
            {"weights": into, "axes": 0},
            (layers, [1.0, 2.0]),
        ),
        "GeneralLinear": (
            {"left": chosen, "right": chosen, "left_axes": OPTIONAL | several, "right_axes": several},
            {"left": out, "right": into, "left_axes": 1, "right_axes": 0},
            (layers, np.eye(2)),
        ),
        "Orthogonal": ({"leaves": chosen, "axes": several}, {"leaves": into, "axes": -1}, (layers, np.eye(3))),
        "Permutations": ({"units": chosen, "axes": several}, {"units": _itself, "axes": 0}, (atoms, [1, 0])),
        "Rotations": (
            {"points": chosen, "reflections": FLAG},
            {"points": _itself, "reflections": True},
            (atoms, np.eye(3)),
        ),
        "Translations": ({"points": chosen}, {"points": _itself}, (atoms, [1.0, 2.0, 3.0])),
    }
    for name, (right, given_here, (place, element)) in made.items():
        found.append(Call(name, getattr(gf, name), given_here, right))
        one = getattr(gf, name)(**given_here)
        add(f"{name}.transformed", one.transformed, dear=True, parameters=place, element=element)
        for verb in ("tangents", "canonical"):
            add(f"{name}.{verb}", getattr(one, verb), dear=True, parameters=place)
        for verb in ("aligned", "distance"):
            add(f"{name}.{verb}", getattr(one, verb), dear=True, first=place, second=place)
    add("Permutations.matched", alike.matched, dear=True, first=atoms, second=atoms)
    group = gf.SymmetryGroup([alike, gf.Translations(_itself)])
    add("SymmetryGroup", gf.SymmetryGroup, symmetries=[alike])
    for verb in ("tangents", "canonical"):
        add(f"SymmetryGroup.{verb}", getattr(group, verb), dear=True, parameters=atoms)
    for verb in ("aligned", "distance"):
        add(f"SymmetryGroup.{verb}", getattr(group, verb), dear=True, first=atoms, second=atoms)
    for name in ("residuals", "jacobian"):
        add(f"LeastSquares.{name}", getattr(squares, name), {}, dear=True, parameters=np.array([0.5, 1.0]))
    add(
        "TeacherStudent",
        gf.TeacherStudent,
        {"activation": OPTIONAL, "inputs": OPTIONAL, "padded_width": OPTIONAL},
        teacher=gf.orthonormal_teacher(2),
        width=1,
        activation=gf.Erf(),
        inputs=gf.Gaussian(),
        free=("weights",),
        padded_width=1,
    )
    add("TeacherStudent.init", problem.init, {"law": OPTIONAL}, key=jax.random.key(0), law=gf.GlorotNormal())
    for kind, one, at, direction in (
        ("TeacherStudent", problem, student, problem.gradient(student)),
        ("Loss", loss, given, given),
        ("LeastSquares", squares, np.array([0.5, 1.0]), np.array([1.0, 2.0])),
        ("SymmetricTeacherStudent", reduced, network, network),
    ):
        for name in (
            "loss",
            "gradient",
            "value_and_gradient",
            "hessian_operator",
            "hessian",
            "gradient_floor",
            "gradient_rounding",
            "loss_floor",
            "hessian_error",
            "relative_hessian_error",
            "flatten",
        ):
            # the base's `flatten` looks at no values: those of a run that failed are flattened too
            right = (
                {"parameters": frozenset({"nan array", "rank 3"})} if name == "flatten" and kind in UNFLATTEN else {}
            )
            add(f"{kind}.{name}", getattr(one, name), right, dear=True, parameters=at)
        add(f"{kind}.hvp", one.hvp, {}, dear=True, parameters=at, direction=direction)
        add(
            f"{kind}.unflatten",
            one.unflatten,
            UNFLATTEN.get(kind, {}),
            dear=True,
            vector=np.asarray(one.flatten(at)),
            like=at,
        )
    add("SymmetricTeacherStudent", gf.SymmetricTeacherStudent, orbits=symmetric.orbits)
    add(
        "SymmetricTeacherStudent.spectrum",
        reduced.spectrum,
        {"d": OPTIONAL | {"trillion"}},
        parameters=network,
        d=9,
        digits=15,
        dear=True,
    )
    add("SymmetricTeacherStudent.student", reduced.student, {"d": OPTIONAL}, parameters=network, d=9)
    add("SymmetricNetwork", gf.SymmetricNetwork, {}, own=network.own, others=network.others, output=network.output)
    add(
        "Orbit",
        gf.Orbit,
        {
            "size": NOT_NEGATIVE | {"rank 3"},
            "students": {"zero"},
            "alone": OPTIONAL | FLAG,
            "label": {"text"},
            "teachers": {"empty list"},
        },
        size=4,
        students=1,
        teachers=(1.0,),
        label="n",
        alone=False,
    )

    # dynamics and critical points
    add(
        "flow",
        gf.flow,
        flow_numbers
        | {
            "method": OPTIONAL,
            "rates": OPTIONAL | POSITIVE,
            "end_time": OPTIONAL | POSITIVE,
            "progress": FLAG,
            "throw": FLAG,
        },
        dear=True,
        problem=problem,
        student=student,
        method=gf.NDF(),
        rates=gf.TwoLayerNetwork(np.ones((4, 9)), np.ones(4)),
        rtol=1e-3,
        atol=1e-6,
        gradient_tolerance=1e-8,
        max_steps=10,
        end_time=1.0,
        time_limit=60.0,
        samples_per_decade=10,
        chunk=64,
        progress=False,
        throw=True,
    )
    add("Trajectory.state", trajectory.state, {"index": {"minus one", "zero"}}, index=0)
    add("Trajectory.then", trajectory.then, further=trajectory)
    add("NDF", gf.NDF, max_order=5)
    add("Diffrax", gf.Diffrax, {"solver": OPTIONAL, "controller": OPTIONAL}, solver=None, controller=None)
    add("Tolerances", gf.Tolerances, {"rtol": POSITIVE, "atol": NOT_NEGATIVE}, rtol=1e-3, atol=1e-6)
    add("dissipation_error", gf.dissipation_error, trajectory=trajectory)
    add("loss_increase", gf.loss_increase, trajectory=trajectory)
    options = {"options": OPTIONAL}
    add(
        "refine",
        gf.refine,
        options | {"throw": FLAG},
        dear=True,
        problem=problem,
        student=point,
        options=gf.RefineOptions(),
        throw=False,
    )
    add(
        "RefineOptions",
        gf.RefineOptions,
        {
            "contraction": POSITIVE,
            "saddle_distance": NOT_NEGATIVE,
            "curvature_change": POSITIVE,
            "max_steps": COUNT,
            "matrix_free": FLAG,
        },
        contraction=0.25,
        saddle_distance=1.5e-8,
        curvature_change=0.5,
        max_steps=20,
        matrix_free=False,
    )
    add(
        "classify",
        gf.classify,
        options | {"trajectory": OPTIONAL},
        dear=True,
        problem=problem,
        student=point,
        trajectory=trajectory,
        options=gf.ClassifyOptions(),
    )
    thresholds = ("channel_alignment", "channel_duplicate", "channel_balance", "channel_newton_step", "distance_left")
    add(
        "ClassifyOptions",
        gf.ClassifyOptions,
        dict.fromkeys(thresholds, NOT_NEGATIVE),
        **dict.fromkeys(thresholds, 1e-3),
        spectrum="auto",
    )

    # exact families
    sizes = {"trillion"}
    add(
        "copy_average",
        gf.copy_average,
        {"k": sizes, "partition": OPTIONAL, "d": OPTIONAL | sizes, "rest": OPTIONAL, "digits": OPTIONAL},
        dear=True,
        k=8,
        n=4,
        partition=None,
        d=9,
        rest=None,
        digits=None,
    )
    add(
        "copy_average",
        gf.copy_average,
        {"rest": OPTIONAL, "partition": OPTIONAL},
        k=8,
        n=4,
        partition=(1, 1, 1, 5),
        rest="dead",
    )
    add(
        "CopyAverage.number_of_points",
        gf.copy_average(8, 4).number_of_points,
        {"permutations": FLAG, "signs": FLAG},
        permutations=True,
        signs=False,
    )
    add(
        "perturbed_n_copy",
        gf.perturbed_n_copy,
        {"k": sizes, "d": OPTIONAL | sizes, "digits": OPTIONAL},
        dear=True,
        k=8,
        n=4,
        d=9,
        digits=None,
    )
    for kind in (gf.CopyAverage, gf.PerturbedNCopy):
        right = {"k": sizes, "n": {"rank 3"} | ({"zero"} if kind is gf.PerturbedNCopy else set())}
        add(f"{kind.__name__}.orbits_of", kind.orbits_of, right, k=8, n=4)
    add("family_table", gf.family_table, dear=True, k=4)
    add("family_tables", lambda ks: list(gf.family_tables(ks)), dear=True, ks=[4])
    add("FamilySpectra.row", gf.family_table(4).copy_average.row, {"i": {"zero", "minus one"}}, i=0)
    add("boundaries", gf.boundaries, {"k": sizes}, dear=True, slow={"k": sizes}, k=8, digits=15)
    add(
        "continuation",
        gf.continuation,
        {"max_steps": sizes, "until": {"zero"}},
        dear=True,
        slow={"until": {"zero"}},
        family=lambda n: gf.PerturbedNCopy.orbits_of(8, n),
        start=symmetric,
        at=4,
        until=3.9,
        digits=15,
        max_steps=500,
    )

    # identification and proofs
    add("identify", gf.identify, options, dear=True, problem=problem, student=point, options=gf.IdentifyOptions())
    thresholds = ("least_cosine_squared", "spread", "newton_steps", "slack", "largest_distance")
    add(
        "IdentifyOptions", gf.IdentifyOptions, dict.fromkeys(thresholds, NOT_NEGATIVE), **dict.fromkeys(thresholds, 0.1)
    )
    add(
        "isotropy",
        gf.isotropy,
        {"tolerance": OPTIONAL | NOT_NEGATIVE},
        dear=True,
        problem=problem,
        student=point,
        tolerance=1e-6,
    )
    add(
        "certify",
        gf.certify,
        {"least_eigenvalue": FLAG},
        dear=True,
        problem=gf.TeacherStudent(gf.orthonormal_teacher(2), 1),
        point=gf.copy_average(2, 1, d=2).student,
        digits=30,
        least_eigenvalue=False,
    )
    add("Certificate.below", certificate.below, other=certificate)
    add(
        "Enclosure",
        gf.Enclosure,
        {"lower": {"minus one", "zero"}, "upper": POSITIVE | {"zero", "endless integer"}},
        lower=0.0,
        upper=1.0,
    )
    add("Enclosure.below", certificate.loss.below, other=certificate.loss)
    add("verify", gf.verify, dear=True, certificate=certificate)
    add(
        "write_certificate",
        gf.write_certificate,
        {"path": {"text"}},
        certificate=certificate,
        path=folder / "again.json",
    )
    add("read_certificate", gf.read_certificate, path=certificate_file)
    add(
        "certify_widths",
        gf.certify_widths,
        {"k": sizes, "widths": OPTIONAL, "progress": FLAG},
        True,
        {"k": sizes},
        k=3,
        widths=[2],
        progress=False,
    )
    add("verify_widths", gf.verify_widths, {"progress": FLAG}, True, found=widths, progress=False)
    for name in ("copy_average_minima", "perturbed_minima", "both_minima"):
        add(f"CertifiedWidths.{name}", getattr(widths, name), {"k": sizes}, k=3)
    add("CertifiedWidths.lower", widths.lower, {"k": sizes}, k=3, family="C-A")
    add("CertifiedWidths.missing", widths.missing, OPTIONAL_MOST, most=3)
    add(
        "write_certified_widths", gf.write_certified_widths, {"path": {"text"}}, found=widths, path=folder / "again.csv"
    )
    add("read_certified_widths", gf.read_certified_widths, path=table)

    # all stages, and sweeps
    add(
        "solve",
        gf.solve,
        flow_numbers | stages | {"method": OPTIONAL, "rates": OPTIONAL | POSITIVE, "progress": FLAG, "throw": FLAG},
        dear=True,
        problem=problem,
        student=point,
        method=gf.NDF(),
        rates=None,
        rtol=1e-3,
        atol=1e-6,
        gradient_tolerance=1e-8,
        max_steps=10,
        time_limit=60.0,
        progress=False,
        throw=True,
        refine_options=gf.RefineOptions(),
        classify_options=gf.ClassifyOptions(),
        identify_options=gf.IdentifyOptions(),
    )
    many = {name: values for name, values in flow_numbers.items() if name != "time_limit"}
    add(
        "solve_many",
        gf.solve_many,
        many
        | stages
        | {"lanes": OPTIONAL | COUNT, "method": OPTIONAL, "rates": OPTIONAL | POSITIVE, "throw": FLAG}
        | {"ended": OPTIONAL | {"function"}},
        dear=True,
        slow={"lanes": COUNT},
        problem=problem,
        students=[point],
        lanes=1,
        method=gf.NDF(),
        rates=None,
        rtol=1e-3,
        atol=1e-6,
        gradient_tolerance=1e-8,
        max_steps=10,
        chunk=64,
        ended=None,
        throw=False,
        refine_options=gf.RefineOptions(),
        classify_options=gf.ClassifyOptions(),
        identify_options=gf.IdentifyOptions(),
    )
    # every run is in the store: what is not refused finds nothing to do
    sweep = {
        "k": 8,
        "widths": [4],
        "runs": 1,
        "seed": 0,
        "d": 9,
        "init": gf.GlorotNormal(),
        "store": store,
        "rtol": 1e-3,
        "atol": 1e-6,
        "gradient_tolerance": 1e-8,
        "max_steps": 10_000,
        "time_limit": None,
        "trajectories": False,
        "certify": False,
        "retry": None,
        "processes": None,
        "executor": gf.ThisProcess(),
        "progress": False,
    }
    right = {
        "seed": {"zero"},
        "d": OPTIONAL,
        "widths": OPTIONAL,
        "init": OPTIONAL,
        "store": OPTIONAL | {"text"},
        "time_limit": OPTIONAL | POSITIVE,
        "trajectories": FLAG,
        "certify": FLAG,
        "retry": OPTIONAL,
        "processes": OPTIONAL,
        "executor": OPTIONAL,
        "progress": FLAG,
    }
    slow = {"widths": OPTIONAL, "store": OPTIONAL | {"text"}}
    add("phase_diagram", gf.phase_diagram, right, True, slow, **sweep)
    add("phase_diagrams", gf.phase_diagrams, right, True, slow, **(sweep | {"k": [8]}))
    add("stored_diagrams", gf.stored_diagrams, store=store)
    add("stored_runs", gf.stored_runs, store=store, n=4, outcome="C-A")
    add("write_summary", gf.write_summary, {"path": {"text"}}, diagram=diagram, path=folder / "again-summary.csv")
    add("read_summary", gf.read_summary, path=summary)
    add("open_store", gf.open_store, folder=store)
    add("open_store", partial(gf.open_store, store), {"verb": {"text"}}, verb="status")
    add("status", gf.status, store=store)
    add("export", gf.export, store=store, path=folder / "runs.csv")
    add("to_dataset", gf.to_dataset, diagrams=[diagram])
    add("merge_stores", gf.merge_stores, {"into": {"text"}}, sources=[store], into=folder / "merged")
    add(
        "certify_runs",
        gf.certify_runs,
        {"again": FLAG, "processes": OPTIONAL, "executor": OPTIONAL, "progress": FLAG},
        dear=True,
        store=store,
        digits=30,
        again=False,
        processes=None,
        executor=gf.ThisProcess(),
        progress=False,
        n=4,
    )
    add("verify_runs", gf.verify_runs, {"progress": FLAG}, dear=True, store=store, progress=False)
    add("PhaseDiagram.at", diagram.at, {"n": sizes}, n=4)
    add("PhaseDiagram.where", diagram.where, n=4, outcome="C-A")
    index = gf.stored_runs(store)
    add("Index.where", index.where, n=4, outcome="C-A")
    add("Index.mask", index.mask, n=4, outcome="C-A")
    add("ThisProcess", gf.ThisProcess, {"lanes": OPTIONAL | COUNT}, lanes=1)
    add("WorkerProcesses", gf.WorkerProcesses, {"count": OPTIONAL}, count=1)
    add(
        "DaskCluster",
        gf.DaskCluster,
        {"address": {"text"}, "timeout": POSITIVE},
        address="tcp://scheduler:8786",
        timeout=30.0,
    )
    add("DaskCluster", gf.DaskCluster, scheduler_file=scheduler)
    add("DaskCluster", gf.DaskCluster, client=_Client())
    add(
        "Retry",
        gf.Retry,
        {
            "rtol": OPTIONAL | POSITIVE,
            "atol": OPTIONAL | NOT_NEGATIVE,
            "gradient_tolerance": OPTIONAL | POSITIVE,
            "max_steps": OPTIONAL | COUNT,
            "undecided": FLAG,
        },
        rtol=1e-4,
        atol=1e-7,
        gradient_tolerance=1e-9,
        max_steps=100_000,
        undecided=False,
    )
    add("Store", gf.Store, {"folder": {"text"}, "made": FLAG}, folder=store, experiment=diagram.experiment, made=True)
    opened = gf.open_store(store)
    address = diagram.records[0].address
    add("Store.read", opened.read, {"header_only": FLAG}, address=address, header_only=False)

    # paths and figures
    add("order_parameters", gf.order_parameters, path=trajectory)
    add(
        "passed_points",
        gf.passed_points,
        {"points": OPTIONAL, "within": POSITIVE},
        dear=True,
        path=trajectory,
        points={"C-A": gf.copy_average(8, 4, d=9)},
        within=0.1,
    )
    add("compare_with_publication", gf.compare_with_publication, diagram=_published(diagram))
    to = {"path": OPTIONAL}
    add("plot_neurons", gf.plot_neurons, to, True, configuration=solution.configuration, path=folder / "neurons.png")
    add("plot_path", gf.plot_path, to, True, trajectory=trajectory, path=folder / "path.png")
    add(
        "plot_order_parameters",
        gf.plot_order_parameters,
        to | {"passed": OPTIONAL},
        True,
        order_parameters=gf.order_parameters(trajectory),
        path=folder / "order.png",
        passed=None,
    )
    add(
        "plot_spectrum",
        gf.plot_spectrum,
        to,
        True,
        classification=solution.classification,
        path=folder / "spectrum.png",
    )
    add("plot_phase_diagram", gf.plot_phase_diagram, to, True, diagram=diagram, path=folder / "diagram.png")
    add(
        "plot_boundaries",
        gf.plot_boundaries,
        to | {"diagrams": {"empty list"}},
        True,
        boundaries=[boundaries],
        path=folder / "boundaries.png",
        diagrams=[diagram],
    )
    add("plot_branch", gf.plot_branch, to, True, branch=branch, path=folder / "branch.png")
    add("plot_copy_shares", gf.plot_copy_shares, to, True, diagrams=[diagram], path=folder / "shares.png")
    add("write_report", gf.write_report, {"path": {"text"}}, True, diagrams=diagram, path=folder / "report.html")
    add(
        "write_figures",
        gf.write_figures,
        {"folder": {"text"}},
        True,
        diagrams=diagram,
        folder=folder / "figures",
        formats=("svg",),
    )
    return found


UNFLATTEN = {kind: {"vector": {"nan array"}, "like": {"nan array"}} for kind in ("Loss", "LeastSquares")}
# axes of leaves that are not there yet; "trillion" is told by the leaves that it has not
ANY_AXIS = frozenset({"minus one", "zero", "trillion"})
# data may be of any type, missing ones among them
ARGUMENTS = OPTIONAL | NUMBERS | {"nan", "inf", "true", "dict", "float32", "nan array"}
OPTIONAL_MOST = {"most": OPTIONAL | {"zero"}}


class _Client:
    """What a `distributed.Client` is asked for."""

    def submit(self) -> None:
        pass

    nthreads = wait_for_workers = cancel = as_current = submit


def _cache_of_another_process(path: Any) -> Any:
    """`gf.cache`, after which JAX's settings are what they were."""
    names = (
        "jax_compilation_cache_dir",
        "jax_persistent_cache_min_compile_time_secs",
        "jax_persistent_cache_min_entry_size_bytes",
    )
    before = {name: getattr(jax.config, name) for name in names}
    try:
        return gf.cache(path)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)


def _itself(parameters: Any, args: Any = None) -> Any:
    return parameters


def _leaf(parameters: Any, name: str) -> Any:
    return parameters[name]


def _square(parameters: Any, args: Any = None) -> Any:
    return sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(parameters))


def _published(diagram: gf.PhaseDiagram) -> gf.PhaseDiagram:
    """The same as if it were of the published experiment's k."""
    record = diagram.records[0]
    moved = gf.Record(address=gf.Address(50, 4, 0), header=record.header, arrays=record.arrays)
    return gf.PhaseDiagram(experiment=diagram.experiment, k=50, records=(moved,), complete=True)
