"""How configurations are written."""

import re
from collections.abc import Iterable


def label_of(name: str, partition: Iterable[int] | None) -> str:
    """The name of a configuration with its partition."""
    return name if partition is None else f"{name}({', '.join(map(str, partition))})"


def compact(label: str) -> str:
    """The label with five equal parts or more of a partition counted, "C-A(24 × 1, 26)": for tables."""
    return re.sub(r"\b(\d+)((?:, \1\b){4,})", lambda found: f"{found[2].count(',') + 1} × {found[1]}", label)
