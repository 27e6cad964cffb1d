"""What a point can be."""

import enum


class Kind(enum.StrEnum):
    """The kinds, which are the words that tables and stores say: `kind == "minimum"`. `classify` says in which order
    they are decided.
    """

    CHANNEL = "channel"
    """A run without an end: two neurons align while their output weights grow against each other."""
    MINIMUM_AT_INFINITY = "minimum at infinity"
    """A run without an end: the parameters grow without bound, and the loss falls towards a limit."""
    SADDLE = "saddle"
    """Some eigenvalue is certainly negative, whatever the rest."""
    UNDECIDED = "undecided"
    """Not critical, or an eigenvalue inside its error bound that nothing explains."""
    MINIMUM = "minimum"
    """All eigenvalues are certainly positive."""
    MINIMUM_MANIFOLD = "minimum manifold"
    """No negative eigenvalue, and every zero mode is tangent to a known curve of critical points."""
    DEGENERATE = "degenerate"
    """No negative eigenvalue, and zero modes explained, but not all by curves: the Hessian cannot tell a minimum. Or a
    path that tends algebraically to a point without a Hessian's help: L − L∞ ~ |x|^p with p > 2."""

    @property
    def has_end(self) -> bool:
        """The run ends in a point, or may: not in a channel, and not at infinity."""
        return self not in (Kind.CHANNEL, Kind.MINIMUM_AT_INFINITY)
