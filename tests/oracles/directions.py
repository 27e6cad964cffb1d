"""Directions in eigenspaces that are the same on every machine."""

import numpy as np


def along(matrix: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The projection of a fixed vector onto the span of the eigenvectors that are `chosen`, by their place among the
    ascending eigenvalues; of length 1. Whole eigenspaces must be chosen: which basis of one LAPACK returns is not
    determined, but what they span is.
    """
    values, vectors = np.linalg.eigh(matrix)
    gap = np.diff(values)[np.diff(chosen.astype(int)) != 0]
    assert np.all(gap > 1e-10 * np.abs(values).max()), "an eigenspace is cut through"
    basis = vectors[:, chosen]
    found = basis @ (basis.T @ np.cos(np.arange(len(values))))
    return np.asarray(found / np.linalg.norm(found))
