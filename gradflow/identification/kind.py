"""What one neuron can be."""

import enum


class NeuronKind(enum.Enum):
    """A copy follows one teacher, an average several; exact ones are the neurons of a copy-average point."""

    EXACT_COPY = "exact copy"
    EXACT_AVERAGE = "exact average"
    APPROXIMATE_COPY = "approximate copy"
    APPROXIMATE_AVERAGE = "approximate average"
    OTHER = "other"

    def __str__(self) -> str:
        return self.value
