"""The names of the result codes, as they stand in tables and stores: what reads those needs no diffrax."""

RESULT_NAMES = (
    "successful",
    "diverged",
    "loss_increased",
    "end_time_reached",
    "time_limit_reached",
    "step_size_underflow",
    "max_steps_reached",
    "interrupted",
    "not_converged",
    "far_from_critical_point",
    "leaving_saddle",
    "no_hessian",
    "stationary_start",
    "branch_lost",
    "out_of_memory",
    "loss_failed",
    "rounding_reached",
    "below_bound",
)
