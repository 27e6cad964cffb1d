"""What a verb does with numbers that overflow."""

import numpy as np

# a verb's decorator: what overflows is infinite or no number from there on, and the predicates look at it; NumPy's
# warnings of it would reach the caller
overflow_is_looked_at = np.errstate(over="ignore", divide="ignore", invalid="ignore")
