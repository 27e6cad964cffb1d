"""What is said of a gradient that is no number."""

import jax
import numpy as np
from jaxtyping import PyTree


def gradient_without_a_number(gradient: PyTree) -> str:
    """The first entry of ∇L, in the structure of the parameters, that is not finite, by its leaf; or nothing."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(gradient):
        wrong = np.argwhere(~np.isfinite(leaf))
        if len(wrong):
            where = tuple(int(i) for i in wrong[0])
            value = float(np.asarray(leaf)[where])
            said = "not a number" if np.isnan(value) else f"{value}"
            leaf_name = f"leaf {jax.tree_util.keystr(path)}" if path else "the parameters"
            return f"the gradient of {leaf_name} is {said} at index {where}"
    return ""
