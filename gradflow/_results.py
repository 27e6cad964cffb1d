"""How a run ended: the result codes of every stage, and the error that carries what there is."""

from typing import Any

import diffrax

from gradflow._errors import BelowBound, LossFailed
from gradflow._named import named
from gradflow._result_names import RESULT_NAMES


@named
class RESULTS(diffrax.RESULTS):
    """diffrax's codes and gradflow's own; the messages say what to try. A member prints as its name and compares with
    it: `solution.result == "successful"`. Classes are answers, not results: see `gf.Kind`.
    """

    successful = ""
    diverged = (
        "The loss, the gradient or the weights are no longer finite, or the time is, or would be after the next step "
        "however short. A loss that falls without bound has no critical point to end in: give it a lower bound, a "
        "penalty on large weights say. Else check the initial weights; if they are fine, give the flow a smaller rtol."
    )
    loss_increased = (
        "A step raised the loss, which no gradient flow does: the method does not follow the flow here. Give a smaller "
        "rtol, or smaller initial weights."
    )
    rounding_reached = (
        "The gradient is rounding, above the gradient tolerance: in float64 the flow goes no further. refine and "
        "classify say where it is."
    )
    end_time_reached = "The end time was reached before the gradient tolerance. Give a larger end_time, or none."
    time_limit_reached = "The time limit was reached before the gradient tolerance. Give a larger time_limit, or none."
    step_size_underflow = (
        "The step size fell below rounding: the method cannot follow the flow here. Try another method or looser "
        "tolerances; at a kink of the loss there is no flow to follow."
    )
    interrupted = "Interrupted by the user; what there was is returned."
    not_converged = (
        "Newton's method did not reach the gradient floor. Follow the flow further (a smaller gradient_tolerance) and "
        "refine again."
    )
    far_from_critical_point = (
        "The critical point that the flow is heading for cannot be told from here: Newton's first steps do not "
        "contract. Follow the flow further (a smaller gradient_tolerance) and refine again."
    )
    leaving_saddle = (
        "The flow is leaving the saddle that Newton's method would converge to. Follow the flow further "
        "(a smaller gradient_tolerance) and refine again."
    )
    no_hessian = "The loss is not smooth, or its Hessian not finite here, so that Newton's method does not apply."
    branch_lost = (
        "The branch of critical points could not be followed to here. What is returned is the last point that was "
        "found; for wide teachers and few students more digits help."
    )
    stationary_start = (
        "The start is a critical point already, within the gradient tolerance: the flow does not move. That is no "
        "convergence; classify says what the point is."
    )
    out_of_memory = (
        "Memory ran out. Leave more of it to this run (fewer lanes or workers at once), or write a loss that holds "
        "smaller arrays."
    )
    loss_failed = (
        "The loss raised an error of its own while it was computed. Call problem.value_and_gradient(parameters) where "
        "the flow ended to see it."
    )
    below_bound = (
        "The loss is below the lower bound that its problem states. Write a bound that holds everywhere as least_loss, "
        "or leave it out."
    )


def name_of(result: Any) -> str:
    """The name of a result code, as it stands in tables and stores."""
    for name in RESULT_NAMES:
        if bool(result == getattr(RESULTS, name)):
            return name
    raise RuntimeError(f"unknown result {result!r}: this is a bug in gradflow, please report it")


def result_of(error: LossFailed | BelowBound | MemoryError) -> Any:
    """The code of a run that ended in one of these errors, which take no other run with them."""
    if isinstance(error, BelowBound):
        return RESULTS.below_bound
    return RESULTS.out_of_memory if isinstance(error, MemoryError) else RESULTS.loss_failed


def message_of(result: Any, path: Any = None) -> str:
    """What to try; with the `path` of a flow that did not arrive, how far it got."""
    name, message = name_of(result), str(RESULTS[result])  # type: ignore[misc]
    if path is None or name not in _BEFORE_THE_END:
        return message
    steps, asked = path.stats["steps"], path.options["gradient_tolerance"]
    if name == "max_steps_reached":  # diffrax's own words say no more
        message = f"Write max_steps={10 * max(steps, 1)} to go on, or give a larger gradient_tolerance."
    reached = (
        f"{steps} {'step' if steps == 1 else 'steps'} to t = {path.times[-1]:.3g}, loss {path.losses[0]:.6g} -> "
        f"{path.losses[-1]:.6g}, gradient norm {path.gradient_norms[-1]:.1e} where {asked:.1e} was asked for. "
    )
    if path.reason:
        reached += f"{path.reason[0].upper()}{path.reason[1:]}. "
    return f"{reached}{message}"


# of a flow that was on its way
_BEFORE_THE_END = (
    "diverged",
    "loss_increased",
    "end_time_reached",
    "time_limit_reached",
    "step_size_underflow",
    "max_steps_reached",
)


class GradflowRuntimeError(RuntimeError):
    """A run failed; `partial` is what there is and `result` the member of `RESULTS`. Ask for `throw=False` to get them
    instead.
    """

    def __init__(self, verb: str, result: Any, partial: Any):
        path = getattr(partial, "trajectory", partial)
        super().__init__(f"{verb}: {name_of(result)}. {message_of(result, path if hasattr(path, 'stats') else None)}")
        self._verb, self.result, self.partial = verb, result, partial

    def __reduce__(self) -> tuple[type["GradflowRuntimeError"], tuple[str, Any, Any]]:
        return GradflowRuntimeError, (self._verb, self.result, self.partial)
