"""What the page shows of one run on a click, packed: 32-bit floats, alignments in steps of 1/32767, compressed."""

import base64
import json
import zlib
from typing import Any

import numpy as np
from jaxtyping import Float

from gradflow.report.alignments import alignments, signs
from gradflow.sweeps import Record

# as many as a figure of this size can tell apart
PATH_POINTS, SPECTRUM_POINTS = 64, 400
# of the spectrum's points: the least eigenvalues, which decide the kind, are all kept
_LEAST_EIGENVALUES = 64
# of a cosine in the page
STEPS = 32767


def detail(record: Record) -> dict[str, Any]:
    """The packed arrays of a run, and how many there are of each.

    `packed` is base64 of zlib of, all little endian: as 32-bit floats the norms and output weights of the `neurons`,
    times, losses and gradient norms at the `points` of the path, ranks, values and error bounds of `eigenvalues` of the
    spectrum; as 16-bit integers the alignment of each student with each teacher; JSON of what the neurons are.
    """
    path, spectrum, found = _path(record), _spectrum(record), record.neurons
    weights, output = record.arrays.get("weights"), record.arrays.get("output")
    floats, cosines = [*path, *spectrum], np.zeros((0, record.address.k))
    if weights is not None and output is not None and np.all(np.isfinite(weights)):
        sign = signs(weights, record.address.k)
        cosines = alignments(weights, record.address.k)
        floats = [np.linalg.norm(weights, axis=1), sign * output, *floats]
    named = {"kinds": [neuron["kind"] for neuron in found], "teachers": [neuron["teachers"] for neuron in found]}
    with np.errstate(over="ignore"):  # of a run that diverged: infinite in single precision, and not drawn
        singles = np.concatenate(floats).astype("<f4")
    content = (
        singles.tobytes()
        + np.round(STEPS * cosines).astype("<i2").tobytes()
        + json.dumps(named, separators=(",", ":")).encode()
    )
    return {
        "neurons": len(cosines),
        "points": len(path[0]),
        "eigenvalues": len(spectrum[0]),
        "packed": base64.b64encode(zlib.compress(content, 9)).decode(),
    }


def _path(record: Record) -> list[Float[np.ndarray, " time"]]:
    """Times, losses and gradient norms after the start, thinned evenly in the logarithm of time; empty if not kept."""
    kept = [record.arrays.get(name) for name in ("times", "losses", "gradient_norms")]
    arrays = [np.asarray(array, dtype=float) for array in kept if array is not None]
    if len(arrays) < len(kept) or not np.any(arrays[0] > 0):
        return [np.zeros(0)] * len(kept)
    after = [array[arrays[0] > 0] for array in arrays]
    logs = np.log(after[0])
    chosen = np.unique(np.searchsorted(logs, np.linspace(logs[0], logs[-1], PATH_POINTS)).clip(max=len(logs) - 1))
    return [array[chosen] for array in after]


def _spectrum(record: Record) -> list[Float[np.ndarray, " eigenvalue"]]:
    """Ranks, values and error bounds: the least ones, then evenly through the rest; empty if not known."""
    values, errors = record.arrays.get("eigenvalues"), record.arrays.get("eigenvalue_error")
    if values is None or errors is None or not len(values):
        return [np.zeros(0)] * 3
    ranks = np.arange(len(values))
    if len(values) > SPECTRUM_POINTS:
        rest = np.linspace(_LEAST_EIGENVALUES, len(values) - 1, SPECTRUM_POINTS - _LEAST_EIGENVALUES)
        ranks = np.concatenate([ranks[:_LEAST_EIGENVALUES], np.round(rest).astype(int)])
    return [ranks.astype(float), np.asarray(values)[ranks], np.asarray(errors)[ranks]]
