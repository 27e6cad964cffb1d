"""How fast a long call goes, and how long it will take."""


def rate_and_time_left(done: int, seconds: float, of: int, what: str = "runs") -> str:
    """Of `of` runs, `done` in so many seconds: "; 2.3 runs/s, 6 min left"."""
    if done == 0 or seconds <= 0:
        return ""
    rate, left = done / seconds, (of - done) * seconds / done
    speed = f"{rate:.2g} {what}/s" if rate >= 1 else f"{60 * rate:.2g} {what}/min"
    return f"; {speed}" + (f", {duration(left)} left" if of > done else "")


def duration(seconds: float) -> str:
    """ "40 s", "6 min", "2 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
