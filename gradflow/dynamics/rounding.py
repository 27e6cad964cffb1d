"""What rounding leaves of a step."""

# a relative step tolerance below this asks for more than a step's own rounding leaves
LEAST_RTOL = 1e-13
