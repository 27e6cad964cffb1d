"""The size of rounding in a sum of a few terms; without JAX, which the exact families do not need."""

import sys

EPSILON = sys.float_info.epsilon
AT_FLOOR = 2.0  # "at the floor" means at most twice the floor, never a bare number
ROUNDINGS = 4  # a sum of a few terms, each computed with a few roundings: the constant of the design's gradient floor
