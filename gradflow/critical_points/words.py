"""What a classification's reason says of single leaves and columns."""

import jax.numpy as jnp
import numpy as np

from gradflow.critical_points.measured import Place
from gradflow.problems.words import gradient_without_a_number


def without_a_number(place: Place) -> str:
    """The first of gradient (by its leaf), loss, Hessian and the gradient's floor that is not finite; or nothing.

    The gradient comes before the loss, since it says which leaf is wrong.
    """
    values = place.values
    if not np.all(np.isfinite(values.gradient)):
        gradient = place.problem.unflatten(jnp.asarray(values.gradient), place.parameters)
        return f"{gradient_without_a_number(gradient)}; the loss there is {values.loss:.6g}"
    for what, number in (
        ("loss", values.loss),
        ("Hessian", place.rounding),
    ):
        if not np.isfinite(number):
            return f"the {what} is not finite here"
    if np.isnan(values.gradient_floor):
        return "the gradient's rounding floor is not a number here"
    return ""


def no_tangents(place: Place) -> str:
    """Which of the columns that the caller has given as tangents of curves the Hessian does not confirm."""
    sizes = {
        number: float(np.linalg.norm(place.hessian @ tangent))
        for number, tangent in place.problem.stated_tangents(place.parameters).items()
    }
    return "".join(
        f"; column {number} of curves(parameters) is no zero mode: |HT| = {size:.1e} for |T| = 1, allowed "
        f"{place.zero_mode_bound:.1e}"
        for number, size in sizes.items()
        if not size <= place.zero_mode_bound
    )
