"""The spectrum that a classification rests on: what is known of every eigenvalue, the distance left to the critical
point included.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float, PyTree

from gradflow import _memory
from gradflow.critical_points.inverse import (
    CholeskyInverse,
    balanced_inverse,
    cholesky_inverse,
    eigen_inverse,
    symmetric_norm,
)
from gradflow.critical_points.spectrum import (
    Spectrum,
    all_eigenvalues,
    balanced_eigenvalues,
    extreme_eigenvalues,
    inertia,
    softest_mode,
    spectrum_of,
)
from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.evaluation import Product, Values
from gradflow.problems.rounding import EPSILON, ROUNDINGS

# up to here all eigenvalues take LAPACK a second or two, beyond it they grow with the third power (5 s at 4,692)
_ALL_EIGENVALUES = 3_000
# and all eigenvectors, which only a Hessian that is not definite needs: half a minute at 6,120
_ALL_EIGENVECTORS = 10_000
# Lanczos iteration needs room for its vectors; below this LAPACK is faster anyway
_LEAST_FOR_LANCZOS = 50
# matrices of P × P held at once: for the factor with XLA's copies, for eigenvectors besides the Hessian that is there
_CHOLESKY, _EIGENVECTORS = 3, 5

Matrix = Float[np.ndarray, "param param"]
Vector = Float[np.ndarray, " param"]


# Newton steps that cover what is left to the critical point (`ClassifyOptions.distance_left`)
DISTANCE_LEFT = 4.0


class Place(NamedTuple):
    """A point, its Hessian, and how many Newton steps cover what is left to the critical point
    (`ClassifyOptions.distance_left`).
    """

    problem: AbstractProblem
    parameters: PyTree
    values: Values
    hessian: Matrix
    rounding: float
    distance_left: float = DISTANCE_LEFT

    def change(self, step: Vector) -> Product:
        """v ↦ (H(θ + step) − H(θ)) v."""
        there = evaluation.product(self.problem, evaluation.displaced(self.problem, self.parameters, step))
        here = evaluation.product(self.problem, self.parameters)
        return lambda vector: there(vector) - here(vector)

    @property
    def zero_mode_bound(self) -> float:
        """‖HT‖ of a zero mode T is at most this: not the eigenvalues' error, which near a degenerate point would let
        anything pass.
        """
        return 2 * self.rounding

    def zero_modes(self) -> tuple[Float[np.ndarray, "param curves"], Float[np.ndarray, "param kernel"]]:
        """The problem's structural zero modes that the Hessian confirms: curves of critical points, and others."""
        modes, bound = self.problem.structural_zero_modes(self.parameters), self.zero_mode_bound

        def holds(columns: Float[np.ndarray, "param modes"]) -> Float[np.ndarray, "param fewer"]:
            return columns[:, np.linalg.norm(self.hessian @ columns, axis=0) <= bound]

        return holds(modes.curves), holds(modes.kernel)


class Measured(NamedTuple):
    """A spectrum, and the Newton step that is left."""

    spectrum: Spectrum
    newton_step: Vector


def measured(place: Place, kind: str) -> Measured:
    """`kind` is "auto", "all", "extreme" or "inertia" (`ClassifyOptions.spectrum`)."""
    size = len(place.hessian)
    if not np.isfinite(place.rounding):  # nothing is known, and factorising it would tell nothing
        return _by_eigenvectors(place)
    if kind == "inertia":
        return _by_inertia(place)
    factor = cholesky_inverse(place.hessian, place.rounding) or balanced_inverse(
        place.problem, place.parameters, place.hessian, place.rounding
    )
    if factor is not None:
        few = kind == "extreme" or (kind == "auto" and size > _ALL_EIGENVALUES)
        found = _definite(place, factor, few=few and size >= _LEAST_FOR_LANCZOS)
        if found.spectrum.vanishing == 0:
            return found
    if kind != "all" and size > _ALL_EIGENVECTORS:
        return _by_inertia(place)
    _memory.require(
        "classify",
        _memory.matrices(_EIGENVECTORS, size),
        f"all eigenvectors of the Hessian of {size} parameters",
        'Write options=gf.ClassifyOptions(spectrum="inertia") for the index alone.',
    )
    return _by_eigenvectors(place)


def require_memory(verb: str, size: int) -> None:
    """Refuse what does not fit before anything is computed."""
    _memory.require(
        verb,
        _memory.matrices(_CHOLESKY, size),
        f"the Hessian of {size} parameters and its factor",
        "Classify it on a machine that has as much; flow and refine need no matrix "
        "(gf.RefineOptions(matrix_free=True)).",
    )


def _definite(place: Place, factor: CholeskyInverse, *, few: bool) -> Measured:
    """If H changes by a fraction ρ of itself over the distance left, every eigenvalue changes by ρ of itself at most
    (Ostrowski), and by ‖ΔH‖ at most (Weyl), which is less for the large ones.
    """
    values, fraction, norm = place.values, 0.0, 0.0
    if values.at_floor:
        # the rounding of every component of ∇L at its floor, with the signs that move the softest mode most
        rounding = values.gradient_rounding * np.sign(softest_mode(factor))
        for sign in (1.0, -1.0):
            step = factor.newton_step(values.gradient + sign * rounding)
            change = place.change(step)
            fraction = max(fraction, factor.relative_change(change, step))
            norm = max(norm, symmetric_norm(change, len(step)))
    if factor.relative:
        found = balanced_eigenvalues(place.hessian, factor)
    elif few:
        found = extreme_eigenvalues(place.hessian, factor)
    else:
        found = all_eigenvalues(place.hessian, place.rounding)
    error = found.error + place.distance_left * np.minimum(fraction * np.abs(found.eigenvalues), norm)
    return Measured(
        spectrum=spectrum_of(found.eigenvalues, error, found.proves), newton_step=factor.newton_step(values.gradient)
    )


def _by_eigenvectors(place: Place) -> Measured:
    """How much each eigenvalue may change over the distance that the rounding of ∇L leaves open, to first order.

    Along the eigenvector v_i the critical point is within (|v_i·∇L| + floor)/|λ_i|; the change is read off the Hessian
    at both ends of that distance. Without it a point a Newton step or two short of a degenerate one has small
    eigenvalues of a definite sign, and a wrong class.
    """
    here, values = eigen_inverse(place.hessian, place.rounding), place.values
    change = np.zeros_like(here.eigenvalues)
    if values.at_floor and np.isfinite(here.rounding):
        along = here.eigenvectors.T @ values.gradient
        distance = np.where(here.vanishing, np.inf, np.abs(here.eigenvalues))
        rounding = np.sqrt(here.eigenvectors.T**2 @ values.gradient_rounding**2)
        reach = (np.abs(along) + rounding) / distance
        step = here.eigenvectors @ np.copysign(reach, -along * here.eigenvalues)
        for sign in (1.0, -1.0):
            there, _ = evaluation.hessian(
                place.problem, evaluation.displaced(place.problem, place.parameters, sign * step)
            )
            moved = np.einsum("pi,pi->i", here.eigenvectors, (there - here.hessian) @ here.eigenvectors)
            change = np.maximum(change, np.abs(moved))
    error = here.error + place.distance_left * change
    return Measured(
        spectrum=spectrum_of(here.eigenvalues, error, "all eigenvalues are known"),
        newton_step=here.newton_step(values.gradient),
    )


def _without_zero_modes(place: Place) -> Callable[[Vector], Vector]:
    """The part of a vector that no known zero mode takes: along those the distance left means nothing."""
    curves, kernel = place.zero_modes()
    flat = np.concatenate([curves, kernel], axis=1)
    basis = scipy.linalg.orth(flat) if flat.shape[1] else flat
    return lambda vector: vector - basis @ (basis.T @ vector)


def _by_inertia(place: Place) -> Measured:
    """How many eigenvalues are below −τ and how many within ±τ, by two LDLᵀ factorisations; τ holds the rounding of H,
    that of the factorisation (4 √P ε ‖H‖), and by how much H changes over the distance left. None is known by itself.
    """
    size, values = len(place.hessian), place.values
    norm = float(np.max(np.sum(np.abs(place.hessian), axis=1)))
    # of a Hessian that is zero, too, eigenvalues within the bound are to be counted as such
    bound = max(place.rounding + ROUNDINGS * EPSILON * np.sqrt(size) * norm, float(np.finfo(np.float64).tiny))
    above = inertia(place.hessian, bound)
    cut = _without_zero_modes(place)
    step = cut(above.newton_step(cut(values.gradient)))
    if values.at_floor:
        reach = cut(above.newton_step(cut(np.abs(values.gradient) + values.gradient_rounding)))
        bound += place.distance_left * symmetric_norm(place.change(reach), size)
        above = inertia(place.hessian, bound)
    negative, vanishing = above.negative, inertia(place.hessian, -bound).negative - above.negative
    nothing = np.zeros(0)
    proves = f"by LDLᵀ {negative} eigenvalues are below -{bound:.0e}, {vanishing} within ±{bound:.0e}, the others above"
    return Measured(
        spectrum=Spectrum(eigenvalues=nothing, error=nothing, negative=negative, vanishing=vanishing, proves=proves),
        newton_step=step,
    )
