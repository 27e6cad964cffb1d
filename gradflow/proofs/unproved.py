"""A proof that did not succeed."""

from fractions import Fraction


class Unproved(Exception):
    """Which step failed, what stood in the way, and what would help; no proof of the contrary. Caught by the verb.

    `middle` is where Newton's method went, if that is what failed.
    """

    def __init__(self, step: str, reason: str, advice: str = "", middle: tuple[Fraction, ...] = ()):
        super().__init__(reason)
        self.step, self.reason, self.advice, self.middle = step, reason, advice, middle
