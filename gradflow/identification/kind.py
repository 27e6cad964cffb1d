"""What one neuron can be."""

import enum


class NeuronKind(enum.StrEnum):
    """A copy follows one teacher, an average several; exact ones are the neurons of a copy-average point.

    Where a neuron is aligned with several teachers that are nearly parallel, it copies the one that is nearest in w and
    a.
    """

    EXACT_COPY = "exact copy"
    EXACT_AVERAGE = "exact average"
    APPROXIMATE_COPY = "approximate copy"
    APPROXIMATE_AVERAGE = "approximate average"
    OTHER = "other"
