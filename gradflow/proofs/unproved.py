"""A proof that did not succeed."""


class Unproved(Exception):
    """Which step failed, what stood in the way, and what would help; no proof of the contrary. Caught by the verb."""

    def __init__(self, step: str, reason: str, advice: str = ""):
        super().__init__(reason)
        self.step, self.reason, self.advice = step, reason, advice
