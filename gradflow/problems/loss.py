"""Any smooth function of any parameters: the user's door."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.problems.base import Smoothness, ZeroModes
from gradflow.problems.function import AbstractFunctionProblem, claimed, prepared
from gradflow.problems.traced import Traced
from gradflow.symmetries import AbstractSymmetry


class Loss(AbstractFunctionProblem):
    """`fn(parameters)`, or `fn(parameters, args)`, as a problem: derivatives by automatic differentiation.

    `init` is an example of the parameters, any pytree of float64 arrays (lists of numbers are arrays), or an Equinox
    model as it is: of a model the inexact arrays are trained, and functions, texts and numbers of Python are kept,
    given to `fn` and given back (`solution.student` is a model).

    `fn` is called once, here, with arrays that JAX traces: what else it reads (an attribute, a global, an array of a
    closure) has for good the value that it has now. After a change make a new `gf.Loss`; of the same function with the
    same values it compiles nothing anew. (A function within that is `jax.jit`'s already keeps what JAX has captured
    before.) `curves` is called each time it is needed.

    `args`, any pytree of arrays (a data set, hyperparameters), is copied here and enters the compiled programs as an
    argument: losses of one `fn` whose args have the same shapes and types compile once. They are data and no
    parameters, so that they may have any type (labels are integers) and are not converted; what `fn` computes must be
    float64 all the same, and an operation in float32 is refused. Numbers of Python are arrays without axes.

    `gradient_floor`, `hessian_error` and `least_loss`, if given, replace what is assumed otherwise: of the rounding of
    ∇L (the ∞-norm) and of H (the 2-norm) an estimate, by random roundings of the computation, which is no proof; and no
    lower bound. `curves`, a function of the parameters, returns the tangents of known curves of critical
    points as columns (P, m), so that zero eigenvalues there are explained. `symmetries`, one or several
    (`gf.Rescaling`, `gf.Permutations`, `gf.Rotations`, …), are those that the loss has: their orbits' tangents explain
    zero eigenvalues too, and what they conserve the flow watches. Each is verified here, at `init` and beside it; one
    that does not hold to rounding is refused. `smoothness` says whether Newton's method may be used.

        problem = gf.Loss(lambda x: (x[0]**2 - 1)**2 + x[1]**2, init=[0.5, 1.0])
        gf.solve(problem, problem.init)
    """

    traced: Traced = eqx.field(static=True)
    start: PyTree[Float[Array, "..."]]
    args: PyTree[Array]
    floor: float | None = eqx.field(static=True)
    error: float | None = eqx.field(static=True)
    least: float = eqx.field(static=True)
    curves: Callable[[PyTree], Any] | None = eqx.field(static=True)
    kind: Smoothness
    symmetries: tuple[AbstractSymmetry, ...]

    def __init__(
        self,
        fn: Any,
        init: Any,
        *,
        args: Any | None = None,
        gradient_floor: Any | None = None,
        hessian_error: Any | None = None,
        least_loss: Any | None = None,
        curves: Checked[Callable[[PyTree], Any] | None] = None,
        smoothness: Any = Smoothness.SMOOTH,
        symmetries: Any | None = None,
    ):
        line = "gf.Loss(lambda x: x @ x, init=[1.0, 2.0])"
        of_model, self.start, self.args = prepared("Loss", "fn", fn, init, args, line)
        _checks.scalar_loss(of_model, self.start, self.args)
        self.traced = Traced(of_model, self.start, self.args)
        _checks.float64_throughout("Loss", self.traced.single_precision)
        self.floor = None if gradient_floor is None else _checks.tolerance("Loss", "gradient_floor", gradient_floor)
        self.error = None if hessian_error is None else _checks.tolerance("Loss", "hessian_error", hessian_error)
        self.least = float("-inf") if least_loss is None else _checks.number("Loss", "least_loss", least_loss)
        line = "curves=lambda parameters: tangents"
        self.curves = None if curves is None else _checks.function("Loss", "curves", curves, line)
        self.kind = _checks.instance("Loss", "smoothness", smoothness, Smoothness, "smoothness=gf.Smoothness.SMOOTH")
        self.symmetries = claimed("Loss", symmetries)
        _checks.differentiable(
            "Loss", lambda at: self.traced(at, self.args), self.start, twice=bool(self.kind == Smoothness.SMOOTH)
        )

    def loss(self, parameters: PyTree) -> Float[Array, ""]:
        return self.traced(self.fitting("loss", parameters), self.args)

    def gradient_rounding(self, parameters: PyTree) -> Float[Array, " param"]:
        if self.floor is None:
            return super().gradient_rounding(parameters)
        return jnp.full_like(self.flatten(self.fitting("gradient_rounding", parameters)), self.floor)

    def hessian_error(self, parameters: PyTree) -> Float[Array, " param"]:
        if self.error is None:
            return super().hessian_error(parameters)
        return jnp.full_like(self.flatten(self.fitting("hessian_error", parameters)), self.error)

    def relative_hessian_error(self, parameters: PyTree) -> Float[Array, ""]:
        return super().relative_hessian_error(parameters) if self.error is None else jnp.asarray(jnp.inf)

    def structural_zero_modes(self, parameters: PyTree) -> ZeroModes:
        known = super().structural_zero_modes(parameters)
        stated = [tangent[:, None] for tangent in self.stated_tangents(parameters).values()]
        return ZeroModes(curves=np.concatenate([*stated, known.curves], axis=1), kernel=known.kernel)

    def stated_tangents(self, parameters: PyTree) -> dict[int, Float[np.ndarray, " param"]]:
        if self.curves is None:
            return {}
        _checks.known("structural_zero_modes", parameters)
        trained = self.fitting("structural_zero_modes", parameters)
        found, name = _checks.tangents_of(self.curves, self.whole(trained)), "curves(parameters)"
        columns = np.asarray(_checks.finite("Loss", name, _checks.float64("Loss", name, found)))
        _checks.tangents(columns.shape, self.flatten(trained).size)
        lengths = np.linalg.norm(columns, axis=0)
        return {int(number): columns[:, number] / lengths[number] for number in np.flatnonzero(lengths)}

    @property
    def least_loss(self) -> float:
        return self.least

    @property
    def smoothness(self) -> Smoothness:
        return self.kind
