"""Plain text: tables that stand in a terminal, a log and a paper's appendix alike."""

import textwrap
from collections.abc import Iterable, Sequence

# columns of a terminal, a log and a page that tables keep to
LINE = 100
_GAP = "  "
# two numbers that share no more leading digits are written in full
_SHARED = 3
# words are not wrapped into columns narrower than this, nor into more lines: a second table is easier to read
_NARROWEST, _LINES = 20, 3


def table(header: Sequence[object], rows: Iterable[Sequence[object]], *, keys: int = 1) -> str:
    """Columns aligned: words to the left, everything that starts with a digit or a sign to the right.

    A table wider than `LINE` leaves out the columns that are 0 or empty in every row, and names them below; if that is
    not enough, long words are wrapped within their columns, and at last the columns go on in a second table, which
    repeats the first `keys` of them. Nothing is cut off.
    """
    columns = [_Column([on_one_line(str(cell)) for cell in cells]) for cells in zip(header, *rows, strict=True)]
    notes = []
    if _total(columns) > LINE:
        for what, says_nothing in (("0", _Column.is_zero), ("empty", _Column.is_empty)):
            left_out = [column for column in columns[keys:] if says_nothing(column)]
            if left_out:
                columns = [column for column in columns if column not in left_out]
                notes.append(f"{what} in every row: {', '.join(column.cells[0] for column in left_out)}")
    return "\n".join(["\n\n".join(_lines(block) for block in _blocks(columns, keys)), *notes])


def counted(count: int, noun: str) -> str:
    """A count and its noun: "1 run", "2 runs"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(items: Sequence[str]) -> str:
    """ "0", "0 and 1", "0, 1 and 2"."""
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


def on_one_line(text: str) -> str:
    """What a terminal shows as it is: line feeds and control characters, which may come with a stranger's file and
    write over what stands there, are spaces.
    """
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


def folded(text: str) -> str:
    """A sentence in lines of `LINE`, those after the first indented."""
    return textwrap.fill(
        on_one_line(text), LINE, subsequent_indent=_GAP, break_long_words=False, break_on_hyphens=False
    )


def between(lower: str, upper: str) -> str:
    """Two numbers of as many digits, the leading digits that they share once: 0.0724[18, 19]; in full where few are
    shared, [0.0718, 0.0731].
    """
    if lower == upper:
        return lower
    (first, mark, power), (second, _, other_power) = (text.partition("E") for text in (lower, upper))
    if "." in first and "." in second:  # zeros at the end may not have been printed
        longest = max(len(first), len(second))
        first, second = first.ljust(longest, "0"), second.ljust(longest, "0")
    shared = next((place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
    digits = sum(letter.isdigit() for letter in first[:shared].lstrip("-0."))
    if len(first) != len(second) or power != other_power or digits < _SHARED:
        return f"[{lower}, {upper}]"
    return f"{first[:shared]}[{first[shared:]}, {second[shared:]}]{mark}{power}"


def told(value: float, floor: float, form: str) -> str:
    """A number as text; 0 if rounding, `floor`, does not tell it from zero."""
    return "0" if abs(value) <= floor else format(value, form)


class _Column:
    """The heading and the cells of a column, how wide it is, and how narrow it may get: words are wrapped, numbers not,
    only their heading.
    """

    def __init__(self, cells: list[str]):
        self.cells, self.numeric = cells, all(_is_number(cell) for cell in cells[1:])
        self.width = max(map(len, cells))
        longest = max(map(len, cells[0].split()), default=0)
        if self.numeric:
            self.least = max([longest, *map(len, cells[1:])])
        else:
            self.least = min(self.width, max(_NARROWEST, longest, self.width // _LINES))

    def is_zero(self) -> bool:
        return len(self.cells) > 1 and set(self.cells[1:]) == {"0"}

    def is_empty(self) -> bool:
        return len(self.cells) > 1 and set(self.cells[1:]) <= {"", "-"}

    def lines(self, row: int) -> list[str]:
        """A cell, in as many lines as it takes."""
        wrapped = textwrap.wrap(self.cells[row], self.width) if len(self.cells[row]) > self.width else [self.cells[row]]
        return [line.rjust(self.width) if self.numeric else line.ljust(self.width) for line in wrapped]


def _total(columns: Sequence[_Column]) -> int:
    return sum(column.width for column in columns) + len(_GAP) * (len(columns) - 1)


def _blocks(columns: list[_Column], keys: int) -> list[list[_Column]]:
    """The columns, wrapped as far as it takes, in as many tables as it takes, each of which begins with the first."""
    blocks: list[list[_Column]] = [columns[:keys]]
    for column in columns[keys:]:
        least = sum(other.least for other in blocks[-1]) + len(_GAP) * len(blocks[-1]) + column.least
        if least > LINE and len(blocks[-1]) > keys:
            blocks.append(columns[:keys])
        blocks[-1].append(column)
    for block in blocks:
        for kind in (True, False):  # headings first
            _narrow([column for column in block if column.numeric is kind], _total(block) - LINE)
    return blocks


def _narrow(columns: list[_Column], by: int) -> None:
    """Take so many characters from the columns, as far as they can give them, always from the widest."""
    for _ in range(by):
        able = [column for column in columns if column.width > column.least]
        if able:
            max(able, key=lambda column: column.width).width -= 1


def _lines(columns: Sequence[_Column]) -> str:
    lines = [_GAP.join("-" * column.width for column in columns)]
    for row in range(len(columns[0].cells)):
        cells = [column.lines(row) for column in columns]
        high = max(map(len, cells))
        padded = [cell + [" " * column.width] * (high - len(cell)) for column, cell in zip(columns, cells, strict=True)]
        found = [_GAP.join(parts).rstrip() for parts in zip(*padded, strict=True)]
        lines = [*found, *lines] if row == 0 else [*lines, *found]
    return "\n".join(lines)


def _is_number(text: str) -> bool:
    return text[:1] in set("0123456789+-−.") or text in ("", "nan", "inf")
