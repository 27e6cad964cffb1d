"""The compiled inner loop: a few dozen attempted steps of any method, with every accepted one recorded."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int, PyTree

from gradflow._program import Program
from gradflow.dynamics import stopping
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods import AbstractMethod, StepInfo
from gradflow.dynamics.stopping import Limits

CHUNK = 64  # attempted steps between two looks of the host: a twentieth of a second at k = 100


class FlowState(NamedTuple):
    """What is needed to continue. `rose`: the last step raised the loss; `lost`: it led to where there is none, and was
    rejected; `seen`: the gradient where it led to.
    """

    time: Float[Array, ""]
    position: Float[Array, " param"]
    loss: Float[Array, ""]
    gradient: Float[Array, " param"]
    next_step_size: Float[Array, ""]
    ok: Bool[Array, ""]
    start_loss: Float[Array, ""]
    rose: Bool[Array, ""]
    lost: Bool[Array, ""]
    seen: Float[Array, " param"]
    method: PyTree


class Record(NamedTuple):
    """The accepted steps of a chunk, in the leading `accepted` rows."""

    times: Float[Array, " steps"]
    positions: Float[Array, "steps param"]
    losses: Float[Array, " steps"]
    gradient_norms: Float[Array, " steps"]
    squared_gradient_norms: Float[Array, " steps"]
    accepted: Int[Array, ""]
    attempted: Int[Array, ""]


@Program
def begin(
    method: AbstractMethod,
    field: GradientField,
    time: Float[Array, ""],
    position: Float[Array, " param"],
    tolerances: Tolerances,
) -> FlowState:
    """The state at the start of the flow."""
    loss, gradient = field.loss_and_gradient(position)
    state = FlowState(
        time=time,
        position=position,
        loss=loss,
        gradient=gradient,
        next_step_size=jnp.asarray(jnp.inf),
        ok=jnp.asarray(True),
        start_loss=loss,
        rose=jnp.asarray(False),
        lost=jnp.asarray(False),
        seen=gradient,
        method=method.init(field, time, position, tolerances),
    )
    # a number without a type of its own ("weak") would get one from the first chunk, and the second be compiled anew
    strong: FlowState = jax.tree.map(lambda leaf: lax.convert_element_type(leaf, leaf.dtype), state)
    return strong


@Program
def advance(
    method: AbstractMethod,
    field: GradientField,
    state: FlowState,
    tolerances: Tolerances,
    limits: Limits,
    budget: Int[Array, ""],
) -> tuple[FlowState, Record]:
    """At most min(CHUNK, budget) attempted steps; fewer if one of the reasons to stop holds."""
    size = state.position.size
    record = Record(
        times=jnp.zeros(CHUNK),
        positions=jnp.zeros((CHUNK, size)),
        losses=jnp.zeros(CHUNK),
        gradient_norms=jnp.zeros(CHUNK),
        squared_gradient_norms=jnp.zeros(CHUNK),
        accepted=jnp.asarray(0),
        attempted=jnp.asarray(0),
    )

    def go_on(carry: tuple[FlowState, Record]) -> Bool[Array, ""]:
        state, record = carry
        return (record.attempted < jnp.minimum(CHUNK, budget)) & ~should_stop(state, limits)

    def step(carry: tuple[FlowState, Record]) -> tuple[FlowState, Record]:
        state, record = carry
        info, method_state = method.step(field, state.time, state.position, state.method, tolerances, limits.end_time)
        loss, gradient = _landscape(info, state, field)
        row = record.accepted
        record = Record(
            times=record.times.at[row].set(info.time),
            positions=record.positions.at[row].set(info.position),
            losses=record.losses.at[row].set(loss),
            gradient_norms=record.gradient_norms.at[row].set(jnp.max(jnp.abs(gradient))),
            squared_gradient_norms=record.squared_gradient_norms.at[row].set(jnp.sum(field.rates * gradient**2)),
            accepted=jnp.where(info.accepted, row + 1, row),
            attempted=record.attempted + 1,
        )
        state = FlowState(
            time=info.time,
            position=info.position,
            loss=loss,
            gradient=gradient,
            next_step_size=info.next_step_size,
            ok=info.ok,
            start_loss=state.start_loss,
            rose=stopping.has_risen(
                state.start_loss, state.loss, loss, (state.gradient + gradient) @ (info.position - state.position)
            ),
            lost=~info.accepted & ~_is_finite(info),
            seen=gradient if info.gradient is None else info.gradient,
            method=method_state,
        )
        return state, record

    return lax.while_loop(go_on, step, (state, record))


def _landscape(
    info: StepInfo, before: FlowState, field: GradientField
) -> tuple[Float[Array, ""], Float[Array, " param"]]:
    """L and ∇L after an attempted step."""
    if info.loss is None or info.gradient is None:
        return field.loss_and_gradient(info.position)
    loss = jnp.where(info.accepted, info.loss, before.loss)
    return loss, jnp.where(info.accepted, info.gradient, before.gradient)


def _is_finite(info: StepInfo) -> Bool[Array, ""]:
    """Whether the attempted step led to where there is a loss and a gradient, as far as the method has looked."""
    if info.loss is None or info.gradient is None:
        return jnp.asarray(True)
    return jnp.isfinite(info.loss) & jnp.all(jnp.isfinite(info.gradient))


@Program
def begin_lanes(
    method: AbstractMethod, fields: GradientField, positions: Float[Array, "lane param"], tolerances: Tolerances
) -> FlowState:
    """`begin` for many flows at once, at time 0; of the fields only `like` has an axis of lanes."""

    def one(like: PyTree, position: Float[Array, " param"]) -> FlowState:
        return begin.plain(method, _with(fields, like), jnp.asarray(0.0), position, tolerances)

    states: FlowState = jax.vmap(one)(fields.like, positions)
    return states


@Program
def advance_lanes(
    method: AbstractMethod,
    fields: GradientField,
    states: FlowState,
    tolerances: Tolerances,
    limits: Limits,
    budgets: Int[Array, " lane"],
) -> tuple[FlowState, Record]:
    """`advance` for many flows at once, each with its limits; a lane that has stopped, or has no budget, waits for the
    others.
    """

    def one(like: PyTree, state: FlowState, limits: Limits, budget: Int[Array, ""]) -> tuple[FlowState, Record]:
        return advance.plain(method, _with(fields, like), state, tolerances, limits, budget)

    advanced: tuple[FlowState, Record] = jax.vmap(one)(fields.like, states, limits, budgets)
    return advanced


@Program
def stopped_lanes(states: FlowState, limits: Limits) -> Bool[Array, " lane"]:
    """`should_stop` of every lane."""
    return jax.vmap(should_stop)(states, limits)


def _with(field: GradientField, like: PyTree) -> GradientField:
    return GradientField(problem=field.problem, like=like, rates=field.rates)


class Reasons(NamedTuple):
    """Why a flow stops: those in `dynamics.stopping`, and the method's own."""

    critical: Bool[Array, ""]
    ended: Bool[Array, ""]
    diverged: Bool[Array, ""]
    stalled: Bool[Array, ""]
    rose: Bool[Array, ""]
    failed: Bool[Array, ""]


# compiled, since the host asks as well: one program in place of a dozen operations that each compile
@Program
def reasons(state: FlowState, limits: Limits) -> Reasons:
    """Which of the reasons to stop hold."""
    norm = jnp.max(jnp.abs(state.gradient))
    return Reasons(
        critical=stopping.is_critical(norm, limits),
        ended=stopping.has_ended(state.time, limits),
        diverged=stopping.has_diverged(state.time, state.loss, norm, state.position),
        stalled=stopping.has_stalled(state.time, state.next_step_size),
        rose=state.rose,
        failed=~state.ok,
    )


def should_stop(state: FlowState, limits: Limits) -> Bool[Array, ""]:
    """Any of the reasons."""
    return jnp.any(jnp.stack(reasons.plain(state, limits)))
