"""Any solver of diffrax, with our loop around `solver.step` and the controller (`diffeqsolve` restarted loses its step
size).
"""

from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import lineax as lx
import optimistix as optx
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods.base import AbstractMethod, StepInfo, descent_from
from gradflow.dynamics.methods.first_step import first_step
from gradflow.problems.rounding import EPSILON

# an implicit stage is solved this much more accurately than the step is asked to be (design: 1e-6 for rtol 1e-3)
_STAGE_ACCURACY = 1e-3
# and a linear system inside it this much more accurately than the stage: one Newton step gains three digits, no more
_LINEAR_ACCURACY = 1e-3
# but never beyond the rounding of a stage, (step size) × (gradient): a few dozen roundings at the scale of θ; asked for
# more, Newton's method "fails" and the steps shrink until the budget is spent (seen at rtol 1e-9)
_ROUNDING = 64 * EPSILON
# products after which conjugate gradients give up: I + hH was indefinite, and the step is rejected and cut
_LINEAR_STEPS = 500


def line_for(given: Any) -> str:
    """What to write for a method that is none: a solver or a controller of diffrax's in its place, or the default."""
    kind = given if isinstance(given, type) else type(given)
    if issubclass(kind, AbstractMethod):
        return f"gf.{kind.__name__}()"
    if issubclass(kind, diffrax.AbstractSolver):
        if not _takes_one_term(given):
            return "gf.Diffrax()"
        return _line(kind.__name__, implicit=issubclass(kind, diffrax.AbstractImplicitSolver))
    if issubclass(kind, diffrax.AbstractStepSizeController):
        return "gf.Diffrax(controller=diffrax.PIDController(rtol=1e-3, atol=1e-6))"
    return "gf.NDF()"


def _takes_one_term(solver: Any) -> bool:
    """Whether it solves dy/dt = f(y); others split f in two, or want noise."""
    structure = solver.term_structure
    return isinstance(structure, type) and issubclass(diffrax.ODETerm, structure)


def _line(name: str, *, implicit: bool) -> str:
    """A solver with all that it needs here: an implicit one brings the tolerances of its root finder."""
    root_finder = "root_finder=optimistix.Newton(rtol=1e-6, atol=1e-9)" if implicit else ""
    return f"gf.Diffrax(diffrax.{name}({root_finder}))"


class Diffrax(AbstractMethod):
    """A diffrax solver and step size controller. Kvaerno5 with full Newton and an integral controller by default.

    `solver` as any `diffrax.AbstractSolver`; an implicit one brings its root finder
    (`diffrax.Kvaerno5(root_finder=…)`). `controller` as any `diffrax.AbstractStepSizeController`; left out, it takes
    rtol and atol from `flow`, in which |θ| counts as in `NDF`: up to 1 or the length of the way. Unlike there steps are
    not kept short where the path speeds up: a start beside a saddle by less than the tolerance may leave it at a wrong
    time, or never.

    diffrax's own default root finder, `VeryChord`, reports non-convergence as divergence in diffrax 0.7 and rejects
    steps in the hundreds on these problems; hence `optimistix.Newton`.
    """

    solver: diffrax.AbstractSolver[Any] | None
    controller: diffrax.AbstractStepSizeController[Any, Any] | None

    def __init__(
        self,
        solver: Checked[diffrax.AbstractSolver[Any] | None] = None,
        controller: Checked[diffrax.AbstractStepSizeController[Any, Any] | None] = None,
    ):
        if solver is not None:
            _checks.instance("Diffrax", "solver", solver, diffrax.AbstractSolver, _line("Kvaerno5", implicit=True))
            _checks.one_term(solver, takes_one=_takes_one_term(solver))
            _checks.own_root_finder(solver, line_for(solver))
        if controller is not None:
            line = "gf.Diffrax(controller=diffrax.PIDController(rtol=1e-3, atol=1e-6))"
            _checks.instance("Diffrax", "controller", controller, diffrax.AbstractStepSizeController, line)
        self.solver, self.controller = solver, controller

    def init(
        self, field: GradientField, time: Float[Array, ""], position: Float[Array, " param"], tolerances: Tolerances
    ) -> PyTree:
        terms, solver = self._parts(field, tolerances, jnp.zeros_like(time))
        descent, units = descent_from(field, position), tolerances.units(position, position)
        controller = self._controller(units)
        # diffrax's own first step is zero where its trial step led to where there is no field
        first = first_step(field, position, -field.rates * descent.gradient, units) if self.controller is None else None
        next_time, controller_state = controller.init(
            terms, time, jnp.asarray(jnp.inf), position, first, field, solver.func, solver.error_order(terms)
        )
        solver_state = solver.init(terms, time, next_time, position, field)
        return next_time, jnp.asarray(False), solver_state, _arrays(controller_state), descent, position

    def step(
        self,
        field: GradientField,
        time: Float[Array, ""],
        position: Float[Array, " param"],
        state: PyTree,
        tolerances: Tolerances,
        end_time: Float[Array, ""],
    ) -> tuple[StepInfo, PyTree]:
        next_time, made_jump, solver_state, controller_state, descent, origin = state
        next_time = jnp.minimum(next_time, end_time)
        rounding = _ROUNDING * (next_time - time) * jnp.maximum(jnp.max(jnp.abs(position)), 1)
        terms, solver = self._parts(field, tolerances, rounding)
        candidate, error, _, candidate_state, _ = solver.step(
            terms, time, next_time, position, field, solver_state, made_jump
        )
        # a stage that was not solved, a loss or field that is not finite, and a rise is a step that was too long
        loss, gradient = field.loss_and_gradient(candidate)
        descends = descent.allows(candidate - position, loss, gradient)
        error = None if error is None else jnp.where(jnp.isnan(error) | ~descends, jnp.inf, error)
        order: Any = solver.error_order(terms)
        # the larger at both ends, as diffrax does
        units = jnp.maximum(tolerances.units(position, origin), tolerances.units(candidate, origin))
        controller = self._controller(units)
        accepted, new_time, new_next, made_jump, controller_state, result = controller.adapt_step_size(
            time, next_time, position, candidate, field, error, order, controller_state
        )
        accepted = jnp.asarray(accepted)
        solver_state = _keep(accepted, candidate_state, solver_state)
        info = StepInfo(
            accepted=accepted,
            time=jnp.asarray(new_time),
            position=jnp.where(accepted, candidate, position),
            next_step_size=jnp.asarray(new_next - new_time),
            ok=jnp.asarray(result == diffrax.RESULTS.successful),
            loss=loss,
            gradient=gradient,
        )
        descent = descent.after(accepted, loss, gradient)
        return info, (new_next, jnp.asarray(made_jump), solver_state, _arrays(controller_state), descent, origin)

    def _parts(
        self, field: GradientField, tolerances: Tolerances, rounding: Float[Array, ""]
    ) -> tuple[diffrax.ODETerm[Any], diffrax.AbstractSolver[Any]]:
        terms = diffrax.ODETerm(lambda time, vector, field: field(vector))
        solver = self.solver
        if solver is None:
            atol: Any = jnp.maximum(_STAGE_ACCURACY * tolerances.atol, rounding)
            linear = lx.CG(rtol=_LINEAR_ACCURACY, atol=0.1 * atol, max_steps=_LINEAR_STEPS)
            rtol: Any = _STAGE_ACCURACY * tolerances.rtol
            newton: Any = optx.Newton(rtol=rtol, atol=atol, linear_solver=_Definite(linear, field.rates))
            solver = diffrax.Kvaerno5(root_finder=newton)
        return terms, solver

    def _controller(self, units: Float[Array, " param"]) -> diffrax.AbstractStepSizeController[Any, Any]:
        if self.controller is not None:
            return self.controller
        each: Any = units  # diffrax divides by rtol |θ| + atol, which may have an entry for every coordinate
        # the ∞-norm does not notice padding
        return diffrax.PIDController(rtol=0.0, atol=each, norm=optx.max_norm)


class _Definite(lx.AbstractLinearSolver[Any]):  # type: ignore[misc]
    """Conjugate gradients for I + hMH, M the rates, as the symmetric system M⁻¹ + hH; told that it is definite, which
    is true near a minimum or for short steps. Where it is not, the iteration fails and the step is rejected and
    shortened until it is.
    """

    solver: lx.CG
    rates: Float[Array, " param"]

    def init(self, operator: lx.AbstractLinearOperator, options: dict[str, Any]) -> Any:
        symmetric = lx.DiagonalLinearOperator(1 / self.rates) @ operator
        return self.solver.init(lx.TaggedLinearOperator(symmetric, lx.positive_semidefinite_tag), options)

    def compute(self, state: Any, vector: PyTree, options: dict[str, Any]) -> Any:
        return self.solver.compute(state, vector / self.rates, options)

    def transpose(self, state: Any, options: dict[str, Any]) -> Any:
        return self.solver.transpose(state, options)

    def conj(self, state: Any, options: dict[str, Any]) -> Any:
        return self.solver.conj(state, options)

    def assume_full_rank(self) -> bool:
        return True


def _keep(accepted: Array, new: PyTree, old: PyTree) -> PyTree:
    return jax.tree.map(lambda a, b: jnp.where(accepted, a, b), new, old)


def _arrays(tree: PyTree) -> PyTree:
    return jax.tree.map(jnp.asarray, tree)
