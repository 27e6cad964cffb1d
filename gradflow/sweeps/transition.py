"""Where copy-average gives way to perturbed n-copy: a logistic curve through the shares, and its 95 %, 50 % and 5 %
points with profile-likelihood intervals.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

LEVEL = 0.95

# a curve that falls from 95 % to 5 % within a hundredth of the gap between two widths cannot be told from a step, nor
# one that needs ten times the range from a constant
_STEEPEST, _FLATTEST = 0.01, 10.0
# draws, and below which share of them, that tell a scatter too large for the curve
_DRAWS, _IMPROBABLE = 2_000, 0.01


@dataclass(frozen=True)
class Estimate:
    """A number estimated from a sweep: `value` and its 95 % interval, None where the runs do not bound it; `status` is
    "found", or says why there is no value, or what to mind.
    """

    value: float | None
    lower: float | None
    upper: float | None
    status: str

    def __str__(self) -> str:
        low, high = ("?" if bound is None else f"{bound:z.3f}" for bound in (self.lower, self.upper))
        if self.value is not None:
            return f"{self.value:z.3f} [{low}, {high}]"
        known = {
            (False, False): "",
            (True, False): f", at least {low}",
            (False, True): f", at most {high}",
            (True, True): f", in [{low}, {high}]",
        }
        return f"undecided{known[self.lower is not None, self.upper is not None]}"


@dataclass(frozen=True)
class Transition:
    """n/k where the fitted share of C-A among the runs that ended in C-A or P-n-C is 95 % (γ1), 50 % and 5 % (γ2)."""

    gamma1: Estimate
    gamma50: Estimate
    gamma2: Estimate
    deviance: float
    degrees_of_freedom: int

    @property
    def status(self) -> str:
        return self.gamma50.status

    def __str__(self) -> str:
        if self.gamma50.lower is None and self.gamma50.upper is None:
            return self.status
        points = ", ".join(
            f"{name} {'' if estimate.value is None else sign}{estimate}"
            for name, sign, estimate in (
                ("gamma1", "= ", self.gamma1),
                ("50 %", "at ", self.gamma50),
                ("gamma2", "= ", self.gamma2),
            )
        )
        return points if self.status == "found" else f"{points}: {self.status}"


@functools.cache
def transition(ratios: tuple[float, ...], copies: tuple[int, ...], runs: tuple[int, ...]) -> Transition:
    """Fit logit P(C-A) = logit p − b (n/k − γ_p) to the counts `copies` of `runs` at every ratio n/k.

    The interval of γ_p holds every value whose profile log-likelihood (the largest over the slope b > 0) lies within
    χ²₁(0.95)/2 of the maximum. That is right for independent runs and a share that is a logistic curve of n/k; a
    deviance that 99 of 100 draws from the fitted curve stay below is told in `status`.
    """
    counts = sorted((x, c, m) for x, c, m in zip(ratios, copies, runs, strict=True) if m)
    x, copied, tried = (np.array(column, dtype=float) for column in zip(*counts, strict=True)) if counts else _EMPTY
    nothing = _why_none(x, copied, tried, any_width=bool(ratios))
    if nothing is not None:
        return nothing
    curve = _Curve(x, copied, tried)
    best = curve.best()
    status, settled = "found", True
    if curve.last_copy <= curve.first_other:
        settled = False
        status = (
            "no width has both: the curve may be a step anywhere between the last C-A and the first P-n-C"
            if curve.last_copy < curve.first_other
            else "only one width has both: the curve may be a step there"
        )
    elif curve.improbable(*best):
        status = "the shares scatter more than a logistic curve allows: the intervals hold only if the curve does"
    first, half, second = (_estimate(curve, share, best, status, settled=settled) for share in (0.95, 0.5, 0.05))
    return Transition(first, half, second, deviance=curve.deviance(*best), degrees_of_freedom=max(len(x) - 2, 0))


_EMPTY = (np.array([]), np.array([]), np.array([]))


def _why_none(
    x: Float[np.ndarray, " width"],
    copied: Float[np.ndarray, " width"],
    tried: Float[np.ndarray, " width"],
    *,
    any_width: bool,
) -> Transition | None:
    """What to answer where there is nothing to fit."""
    if not any_width:
        estimate = Estimate(None, None, None, "no run with n < k; at n = k C-A and P-n-C are one point")
    elif not len(x):
        estimate = Estimate(None, None, None, "no run with n < k ended in C-A or P-n-C")
    elif np.all(copied == tried):
        estimate = Estimate(None, None, None, f"up to n/k = {x[-1]:z.3f} all of the two are C-A")
    elif np.all(copied == 0):
        estimate = Estimate(None, None, None, f"from n/k = {x[0]:z.3f} on all of the two are P-n-C")
    elif len(x) < 2:
        estimate = Estimate(None, None, None, "one width alone has no curve")
    elif np.cov(x, copied / tried, aweights=tried)[0, 1] >= 0:
        estimate = Estimate(None, None, None, "the share of C-A does not fall as n/k grows")
    else:
        return None
    return Transition(estimate, estimate, estimate, deviance=0.0, degrees_of_freedom=max(len(x) - 2, 0))


class _Curve:
    """The likelihood of logistic curves, given the counts."""

    def __init__(
        self, x: Float[np.ndarray, " width"], copied: Float[np.ndarray, " width"], tried: Float[np.ndarray, " width"]
    ):
        self.x, self.copied, self.tried = x, copied, tried
        fall = 2 * math.log(0.95 / 0.05)  # of the logit, from 95 % to 5 %
        self.slopes = (fall / (_FLATTEST * (x[-1] - x[0])), fall / (_STEEPEST * float(np.diff(x).min())))
        # where they do not overlap, no curve is too steep
        self.last_copy, self.first_other = float(x[copied > 0].max()), float(x[copied < tried].min())

    def log_likelihood(self, logits: Float[np.ndarray, " width"]) -> float:
        terms = self.copied * np.logaddexp(0, -logits) + (self.tried - self.copied) * np.logaddexp(0, logits)
        return -float(terms.sum())

    def profile(self, gamma: float, share: float) -> tuple[float, float]:
        """The largest log-likelihood with the share at `gamma`, and its slope. Concave in the slope."""
        level = math.log(share / (1 - share))

        def cost(logarithm: float) -> float:
            return -self.log_likelihood(level - math.exp(logarithm) * (self.x - gamma))

        low, high = (math.log(slope) for slope in self.slopes)
        found = minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
        ends = min((cost(end), end) for end in (low, high))
        return (-ends[0], math.exp(ends[1])) if ends[0] < found.fun else (-float(found.fun), math.exp(found.x))

    def best(self) -> tuple[float, float]:
        """The 50 % point and the slope of the likeliest curve."""
        grid = np.linspace(self.x[0], self.x[-1], 4 * len(self.x) + 1)
        values = [self.profile(gamma, 0.5)[0] for gamma in grid]
        at = int(np.argmax(values))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
        found = minimize_scalar(
            lambda gamma: -self.profile(gamma, 0.5)[0], bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        gamma = float(found.x) if -found.fun >= values[at] else float(grid[at])
        return gamma, self.profile(gamma, 0.5)[1]

    def shares(self, gamma: float, slope: float) -> Float[np.ndarray, " width"]:
        return np.asarray(np.exp(-np.logaddexp(0, slope * (self.x - gamma))))

    def deviance(self, gamma: float, slope: float) -> float:
        """Twice the log-likelihood that a share of its own at every width would add."""
        return float(_deviance(self.copied, self.tried, self.shares(gamma, slope)))

    def improbable(self, gamma: float, slope: float) -> bool:
        shares = self.shares(gamma, slope)
        draws = np.random.default_rng(0).binomial(self.tried.astype(int), shares, (_DRAWS, len(self.x)))
        larger = _deviance(draws.astype(float), self.tried, shares) >= self.deviance(gamma, slope)
        return bool(np.mean(larger) < _IMPROBABLE)


def _deviance(
    copied: Float[np.ndarray, "*draw width"], tried: Float[np.ndarray, " width"], shares: Float[np.ndarray, " width"]
) -> Float[np.ndarray, "*draw"]:
    # a share that rounds to 0 or 1 is one of 1e-300: its logarithm times no run is 0
    p, q = np.clip(shares, 1e-300, 1), np.clip(1 - shares, 1e-300, 1)
    rest = tried - copied
    ours = copied * np.log(p) + rest * np.log(q)
    own = copied * np.log(np.where(copied > 0, copied, 1) / tried) + rest * np.log(np.where(rest > 0, rest, 1) / tried)
    return np.asarray(2 * np.sum(own - ours, axis=-1))


def _estimate(curve: _Curve, share: float, best: tuple[float, float], status: str, *, settled: bool) -> Estimate:
    gamma, slope = best
    value = gamma - math.log(share / (1 - share)) / slope
    largest = curve.profile(gamma, 0.5)[0]
    allowed = largest - float(chi2.ppf(LEVEL, 1)) / 2
    reach = curve.x[-1] - curve.x[0]

    def excess(candidate: float) -> float:
        return curve.profile(candidate, share)[0] - allowed

    return Estimate(
        value=value if settled else None,
        lower=_crossing(excess, value, -reach),
        upper=_crossing(excess, value, reach),
        status=status,
    )


def _crossing(excess: Callable[[float], float], inside: float, reach: float) -> float | None:
    """Where the profile falls out of the interval; None if it does not within twice the range of the widths."""
    step = reach / 64
    near = inside
    while abs(near - inside) < 2 * abs(reach):
        far = near + step
        if excess(far) < 0:
            return float(brentq(excess, near, far, xtol=1e-10))
        near = far
        step *= 1.5
    return None
