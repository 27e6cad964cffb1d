"""identify: which named configuration the network is in."""

from typing import Any

import equinox as eqx
import numpy as np
from scipy.optimize import linear_sum_assignment

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import table
from gradflow.activations import Erf
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.critical_points.spectrum import newton_step_at
from gradflow.families import copy_average, perturbed_n_copy
from gradflow.identification.labels import label_of
from gradflow.identification.neurons import Neuron, neurons
from gradflow.identification.options import IdentifyOptions
from gradflow.networks import TwoLayerNetwork, distance
from gradflow.problems import TeacherStudent, is_orthonormal
from gradflow.problems.base import parameters_of


class Configuration(eqx.Module):
    """The name of a network and of each of its neurons.

    `name` is "C-A", "P-n-C" or "other"; `partition` the sizes of a C-A in ascending order, else None. `distance` is to
    the nearest exact point tried, modulo permutations and signs, and `tolerance` what it had to be below; `reason` says
    so in words.
    """

    name: str
    partition: tuple[int, ...] | None
    neurons: tuple[Neuron, ...]
    distance: float
    tolerance: float
    reason: str

    @property
    def label(self) -> str:
        """The name with its partition: "C-A(1, 1, 1, 5)"."""
        return label_of(self.name, self.partition)

    def __str__(self) -> str:
        header = ("neuron", "kind", "teachers", "cosine", "norm", "output")
        rows = [
            (
                i,
                neuron.kind,
                ", ".join(map(str, neuron.teachers)) or "-",
                f"{neuron.cosine:z.6f}",
                f"{neuron.norm:z.6f}",
                f"{neuron.output:z.6f}",
            )
            for i, neuron in enumerate(self.neurons)
        ]
        return f"identify: {self.label}; {self.reason}\n{table(header, rows)}"

    __repr__ = __str__


@overflow_is_looked_at
def identify(
    problem: Checked[TeacherStudent], student: Any, *, options: Checked[IdentifyOptions | None] = None
) -> Configuration:
    """Say what every neuron does, and whether the network is one of the exact points.

    P-n-C or C-A(ℓ) if and only if the distance modulo symmetry to that exact point is at most 10 × (Newton step +
    1e-10). n = 1 is C-A(k), n = k the perfect copy is C-A(1, …, 1), n > k is "other". For a teacher that is not
    orthonormal with unit output weights the exact families do not apply: the name is "other" and `reason` says so.
    "other" does not mean "not critical".

    `student`: parameters, or anything that has them; a `Point` brings its Newton step.
    """
    _checks.instance(
        "identify", "problem", problem, TeacherStudent, "gf.identify(gf.TeacherStudent(teacher, width=4), point)"
    )
    network = problem.check("identify", parameters_of(student))
    options = _checks.instance(
        "identify",
        "options",
        IdentifyOptions() if options is None else options,
        IdentifyOptions,
        "options=gf.IdentifyOptions()",
    )
    newton_step = getattr(student, "newton_step", None)
    tolerance = options.tolerance(newton_step_at(problem, network) if newton_step is None else newton_step)
    applies = is_orthonormal(problem.teacher) and isinstance(problem.activation, Erf)
    found = neurons(
        np.asarray(network.weights),
        np.asarray(network.output),
        problem.teacher,
        tolerance=tolerance,
        exact=applies,
        options=options,
    )
    name, partition, far, reason = _name(problem, network, found, tolerance, applies)
    return Configuration(
        name=name, partition=partition, neurons=found, distance=far, tolerance=tolerance, reason=reason
    )


def _name(
    problem: TeacherStudent, network: TwoLayerNetwork, found: tuple[Neuron, ...], tolerance: float, applies: bool
) -> tuple[str, tuple[int, ...] | None, float, str]:
    """Name, partition, distance to the nearest exact point tried, and why."""
    n, k = network.width, problem.teacher.width
    if not applies:
        return "other", None, float("inf"), "the exact families need an orthonormal teacher with unit output weights"
    if n > k:
        return "other", None, float("inf"), f"no exact family is known here for n = {n} > k = {k}"
    taken = sorted(j for neuron in found for j in neuron.teachers)
    nearest = float("inf")
    if taken == list(range(k)) and all(neuron.teachers for neuron in found):
        sizes = tuple(len(neuron.teachers) for neuron in found)
        far = distance(network, _placed_copy_average(problem, found))
        if far <= tolerance:
            return "C-A", tuple(sorted(sizes)), far, f"{far:.1e} from the exact point"
        nearest = far
    far = distance(network, _placed_perturbed_copy(problem, network))
    if far <= tolerance:
        return "P-n-C", None, far, f"{far:.1e} from the exact point"
    nearest = min(nearest, far)
    return "other", None, nearest, f"{nearest:.1e} from the nearest exact point tried, more than {tolerance:.1e}"


def _placed_copy_average(problem: TeacherStudent, found: tuple[Neuron, ...]) -> TwoLayerNetwork:
    """The exact copy-average point in which each student takes the teachers that it was found to take."""
    order = sorted(range(len(found)), key=lambda i: len(found[i].teachers))
    columns = [j for i in order for j in found[i].teachers]
    sizes = [len(found[i].teachers) for i in order]
    exact = copy_average(problem.teacher.width, len(found), sizes, d=problem.teacher.width).student
    return _in_teacher_frame(problem, exact, columns)


def _placed_perturbed_copy(problem: TeacherStudent, network: TwoLayerNetwork) -> TwoLayerNetwork:
    """The exact P-n-C point in which each student takes the teacher that it is most aligned with."""
    overlaps = np.abs(np.asarray(network.weights) @ np.asarray(problem.teacher.weights).T)
    _, matched = linear_sum_assignment(-overlaps)
    rest = [j for j in range(problem.teacher.width) if j not in set(matched.tolist())]
    exact = perturbed_n_copy(problem.teacher.width, network.width, d=problem.teacher.width).student
    return _in_teacher_frame(problem, exact, [*matched.tolist(), *rest])


def _in_teacher_frame(problem: TeacherStudent, exact: TwoLayerNetwork, columns: list[int]) -> TwoLayerNetwork:
    """The exact point, given for teachers e_1, e_2, …, for these teachers in this order."""
    weights = np.asarray(exact.weights) @ np.asarray(problem.teacher.weights)[columns]
    return TwoLayerNetwork(weights, exact.output, problem.activation)
