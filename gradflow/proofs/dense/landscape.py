"""The teacher–student loss and its derivatives at an exact point, in balls."""

import functools
from typing import Any

import numpy as np

from gradflow._arithmetic import Numbers
from gradflow.activations import erf_derivatives, erf_expectation
from gradflow.activations.partial_derivatives import PartialDerivatives
from gradflow.proofs.dense.student import Place


class Landscape:
    """L at a student (W, a) of a teacher (V, b).

    Every student meets every partner, the n students and the k teachers: with u_m = w_m, s_m = a_m for students,
    u_m = v_j, s_m = −b_j for teachers, and g the expectation of Erf,

        ∂L/∂a_i = 2 Σ_m s_m g(w_i, u_m),   ∂L/∂w_i = 2 a_i Σ_m s_m (2 g_p w_i + g_c u_m).

    Methods belong inside `arithmetic.working()`.
    """

    def __init__(self, place: Place):
        self.arithmetic, self.weights, self.output, self.teacher_weights, self.teacher_output = place

    @functools.cached_property
    def partners(self) -> Numbers:
        """u (partner, input)."""
        return np.concatenate([self.weights, self.teacher_weights])

    @functools.cached_property
    def shares(self) -> Numbers:
        """s (partner,)."""
        return np.concatenate([self.output, -self.teacher_output])

    @functools.cached_property
    def covariance(self) -> Numbers:
        """c (student, partner)."""
        return self.arithmetic.product(self.weights, self.partners.T)

    @functools.cached_property
    def variance(self) -> Numbers:
        """p (student,)."""
        return self.covariance[:, : len(self.weights)].diagonal()

    @functools.cached_property
    def partner_variance(self) -> Numbers:
        """q (partner,)."""
        return np.concatenate([self.variance, (self.teacher_weights * self.teacher_weights).sum(-1)])

    @functools.cached_property
    def root(self) -> Numbers:
        """D (student, partner)."""
        sizes = (1 + self.variance)[:, None] * (1 + self.partner_variance)
        return self.arithmetic.sqrt(sizes - self.covariance * self.covariance)

    @functools.cached_property
    def value(self) -> Numbers:
        """g (student, partner)."""
        return erf_expectation(self.covariance, self.root, self.arithmetic)

    @functools.cached_property
    def slope_c(self) -> Numbers:
        """g_c = (2/π)/D (student, partner)."""
        return 2 / self.arithmetic.pi / self.root

    @functools.cached_property
    def slope_p(self) -> Numbers:
        """g_p = −g_c c/(2 (1 + p)) (student, partner)."""
        return -self.slope_c * self.covariance / (2 * (1 + self.variance))[:, None]

    def derivatives(self) -> PartialDerivatives:
        """All first and second partial derivatives of g, each (student, partner)."""
        p, q = self.variance[:, None], self.partner_variance[None]
        return erf_derivatives(p, q, self.covariance, self.root, self.arithmetic)

    def gradient(self) -> Numbers:
        """∂L/∂W, row by row, then ∂L/∂a."""
        pulls = self.arithmetic.product(self.shares * self.slope_c, self.partners)
        turns = 2 * (self.shares * self.slope_p).sum(-1)
        weights = (2 * self.output)[:, None] * (pulls + turns[:, None] * self.weights)
        return np.concatenate([weights.ravel(), 2 * (self.shares * self.value).sum(-1)])

    def loss(self) -> Any:
        """L."""
        n = len(self.weights)
        among, across = self.value[:, :n], self.value[:, n:]
        students = (self.output * ((among * self.output).sum(-1) - 2 * (across * self.teacher_output).sum(-1))).sum()
        return students + self._teacher_energy

    @property
    def _teacher_energy(self) -> Any:
        v, b = self.teacher_weights, self.teacher_output
        overlaps = self.arithmetic.product(v, v.T)
        sizes = 1 + overlaps.diagonal()
        root = self.arithmetic.sqrt(sizes[:, None] * sizes - overlaps * overlaps)
        return (b[:, None] * b * erf_expectation(overlaps, root, self.arithmetic)).sum()
