"""phase_diagrams: the sweep over the teacher's width and the law of the initial weights too."""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks import AbstractInitialiser, GlorotNormal
from gradflow.sweeps._phase_diagram import phase_diagram
from gradflow.sweeps.diagram import PhaseDiagram


def phase_diagrams(
    k: Checked[int | Sequence[int]],
    widths: Checked[Iterable[int] | int | None] = None,
    runs: Checked[int] = 10,
    seed: Checked[int] = 0,
    *,
    init: Checked[AbstractInitialiser | Sequence[AbstractInitialiser] | None] = None,
    store: Checked[str | os.PathLike[str] | None] = None,
    **options: Any,
) -> tuple[PhaseDiagram, ...]:
    """A phase diagram for every law of initial weights in `init` and every teacher width in `k`, in this order.

    The other arguments are `phase_diagram`'s. One law's runs are kept in the folder `store`, those of several in a
    folder of it each, named after the law. The keys depend on (seed, k, n, run) alone, so that laws that scale one
    another start from the same Gaussian numbers: a paired comparison. Ctrl-C returns the diagrams that were begun.
    """
    several = [GlorotNormal()] if init is None else [init] if isinstance(init, AbstractInitialiser) else init
    example = "init=[gf.Scaled(gf.GlorotNormal(), weights=scale) for scale in (0.1, 1.0)]"
    laws = _checks.several_of("phase_diagrams", "init", several, AbstractInitialiser, example)
    _checks.different("phase_diagrams", "init", [law.label for law in laws])
    teachers = _checks.widths("phase_diagrams", k, "k", "k=(8, 16)")
    root = None if store is None else _checks.folder("phase_diagrams", store)
    diagrams: list[PhaseDiagram] = []
    for law in laws:
        for width in teachers:
            folder = root if root is None or len(laws) == 1 else root / _slug(law)
            diagrams.append(phase_diagram(width, widths, runs, seed, init=law, store=folder, **options))
            if not diagrams[-1].complete:
                return tuple(diagrams)
    return tuple(diagrams)


def _slug(law: AbstractInitialiser) -> str:
    """A law's name as that of a folder: "GlorotNormal-W-0.3-1f0e2d", told apart from others that read alike by the
    digest at its end.
    """
    digest = hashlib.sha256(law.label.encode()).hexdigest()[:6]
    return f"{re.sub(r'[^A-Za-z0-9.]+', '-', law.label).strip('-')}-{digest}"
