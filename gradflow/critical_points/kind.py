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
    """Not critical, or an eigenvalue inside its error bound that no known reason explains, nor steps along its mode."""
    MINIMUM = "minimum"
    """All eigenvalues are certainly positive."""
    MINIMUM_MANIFOLD = "minimum manifold"
    """No negative eigenvalue, and the zero modes are tangent to known curves of critical points, or to a manifold of
    critical points that steps along them have met (`FlatSet`)."""
    DEGENERATE = "degenerate"
    """No negative eigenvalue, and zero modes explained, but not all by curves: the Hessian cannot tell a minimum. Or
    steps along them, or the path that led there, have met a loss like |x|^p with p > 2; it may fall on some side."""

    @property
    def has_end(self) -> bool:
        """The run ends in a point, or may: not in a channel, and not at infinity."""
        return self not in (Kind.CHANNEL, Kind.MINIMUM_AT_INFINITY)
