"""Wrong use, refused before anything runs: what was given, what was expected, the line to write.

`except WrongUse` catches every refusal; each is also the error of Python's that a caller would expect.
"""


class WrongUse(Exception):
    """A refusal of ours; any other error that leaves a verb is a failure of a run or a bug."""


class WrongValue(WrongUse, ValueError):
    """A value that is not allowed, or a file that is not what it should be."""


class BelowBound(WrongValue):
    """A loss below the lower bound that its problem states, found in a run: no other run is concerned."""


class WrongType(WrongUse, TypeError):
    """A thing of another kind than expected."""


class TooLarge(WrongUse, MemoryError):
    """What would not fit into memory."""


class LossFailed(RuntimeError):
    """The problem's own functions raised an error while they were computed."""
