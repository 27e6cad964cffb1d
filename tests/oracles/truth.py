"""Whether a certificate is true, by mpmath alone."""

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np

import gradflow as gf
from gradflow.proofs.lipschitz import hessian_lipschitz
from oracles.landscape import Oracle, exact, size

_NEWTON_STEPS = 6
# of what mpmath computes with ninety digits
_NOTHING = mpmath.mpf(10) ** -70


class Truth:
    """The critical point next to a center, by Newton's method with exact Hessians; among the trained parameters."""

    def __init__(self, problem: Any, student: Any, center: Any):
        self.problem, self.student = problem, student
        every = Oracle.of(problem, student)
        self.trained = trained(problem, student)
        self.given = every.vector[self.trained]
        self.every, self.point = every, exact(center)
        for _ in range(_NEWTON_STEPS):
            here = self.here
            slope = here.gradient()[self.trained]
            if size(slope) < _NOTHING:
                break
            matrix = here.hessian()[np.ix_(self.trained, self.trained)]
            step = mpmath.lu_solve(mpmath.matrix(matrix.tolist()), mpmath.matrix(slope.tolist()))
            self.point = self.point - np.array(list(step), dtype=object)

    @property
    def here(self) -> Oracle:
        vector = self.every.vector
        vector[self.trained] = self.point
        return self.every.at(vector)

    @property
    def converged(self) -> bool:
        return bool(size(self.here.gradient()[self.trained]) < 1e-60)

    def eigenvalues(self) -> np.ndarray:
        return self.here.eigenvalues(self.trained)

    def others(self) -> Iterator[Any]:
        """Further critical points: two neurons exchanged, one with its signs turned; not where that changes nothing."""
        yield from (other for other in self._images() if size(other - self.point) > 1e-50)

    def _images(self) -> Iterator[Any]:
        if set(self.problem.free) != {"weights", "output"}:
            return
        weights, output = self.here.weights, self.here.output
        for i in range(len(output)):
            sign = np.ones(len(output), dtype=int)
            sign[i] = -1
            yield np.concatenate([(weights * sign[:, None]).ravel(), output * sign])
            for j in range(i):
                order = list(range(len(output)))
                order[i], order[j] = j, i
                yield np.concatenate([weights[order].ravel(), output[order]])


def trained(problem: Any, student: Any) -> np.ndarray:
    """The places of the trained parameters among all."""
    split, total = student.weights.size, student.weights.size + student.output.size
    places = {"weights": np.arange(split), "output": np.arange(split, total)}
    return np.concatenate([places[name] for name in problem.free])


def contradiction(certificate: gf.proofs.Certificate) -> str | None:
    """What is false; None if nothing is."""
    if certificate.statement is gf.proofs.Statement.NOT_ISOLATED:
        return _of_a_curve(certificate)
    truth = Truth(certificate.problem, certificate.given, certificate.middle)
    if not truth.converged:
        return f"no critical point is at the center: {certificate}"
    eigenvalues = truth.eigenvalues()
    loss, scale = truth.here.loss(), float(np.max(np.abs(eigenvalues)))
    ends = certificate.loss
    checks = {
        "error": size(truth.point - exact(certificate.middle)) <= certificate.error,
        "radius": size(truth.point - truth.given) <= certificate.radius,
        "index": int(np.sum(eigenvalues < 0)) == certificate.index,
        # in float64 unless it is tiny
        "gap": np.min(np.abs(eigenvalues)) * (1 + 1e-6) + 1e-15 * scale * (certificate.gap > 1e-11 * scale)
        >= certificate.gap,
        "loss": ends is not None and exact(ends.lower) - _NOTHING <= loss <= exact(ends.upper) + _NOTHING,
        "isolation": all(size(other - truth.given) > certificate.isolation for other in truth.others()),
    }
    failed = [name for name, holds in checks.items() if not holds]
    return f"{', '.join(failed)} of {certificate}" if failed else None


def _of_a_curve(certificate: gf.proofs.Certificate) -> str | None:
    """What follows from a curve of critical points within the radius: a small gradient, a nearly singular Hessian."""
    here = Oracle.of(certificate.problem, certificate.given)
    places = trained(certificate.problem, certificate.given)
    reach = float(certificate.radius or 0.0)
    norms = np.array([float(size(w)) for w in here.weights]) * (1 + 1e-15)
    outputs = np.abs(here.output.astype(np.float64))
    lipschitz = hessian_lipschitz(outputs, norms, max(float(here.loss()), 0.0) * (1 + 1e-12), reach)
    eigenvalues = here.eigenvalues(places)
    # the loss is a quadratic form of output weights: all critical points are isolated, or none
    close = 1e-80 if certificate.problem.free == ("output",) else lipschitz * reach + 1e-25
    if np.min(np.abs(eigenvalues)) > close:
        return f"no eigenvalue near zero ({np.min(np.abs(eigenvalues)):.1e}): {certificate}"
    slope = float(size(here.gradient()[places]))
    if slope > (np.max(np.abs(eigenvalues)) + lipschitz * reach) * reach * (1 + 1e-9) + 1e-60:
        return f"the gradient is {slope:.1e}: {certificate}"
    return None
