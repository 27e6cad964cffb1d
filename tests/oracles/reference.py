"""Digits that were derived elsewhere, in fifty digits of mpmath, and are typed in here."""

# the first n at which P-n-C is a minimum, lies below C-A, and at which C-A is a saddle (None: never), by k
FIRST = {
    5: (4, None, None),
    6: (4, 5, None),
    8: (5, 7, 7),
    10: (6, 8, 9),
    12: (7, 10, 11),
    16: (8, 13, 14),
    25: (12, 19, 22),
    30: (14, 23, 27),
    40: (18, 30, 36),
    50: (22, 38, 45),
}
