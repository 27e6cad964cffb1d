"""What the page and the figures are made of: diagrams given one by one, together, or as the folder that holds them."""

import os
from typing import Any

from gradflow import _checks
from gradflow.sweeps import PhaseDiagram, stored_diagrams


def diagrams_of(verb: str, given: Any) -> tuple[PhaseDiagram, ...]:
    """The diagrams in order of k, each (k, experiment) once, none without runs."""
    example = f'gf.{verb}("runs/k8", ...)'
    if isinstance(given, str | os.PathLike):
        found = list(stored_diagrams(given))
        _checks.some_runs(verb, len(found), f"the store {os.fspath(given)}")
    else:
        several = [given] if isinstance(given, PhaseDiagram) else given
        found = _checks.several_of(verb, "diagrams", several, PhaseDiagram, example)
    for diagram in found:
        _checks.some_runs(verb, len(diagram.records), f"the diagram of k = {diagram.k}")
    _checks.different(
        verb, "diagrams", [f"k = {diagram.k} of experiment {diagram.experiment.identity()}" for diagram in found]
    )
    return tuple(sorted(found, key=lambda diagram: diagram.k))
