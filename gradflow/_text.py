"""Plain text: tables that stand in a terminal, a log and a paper's appendix alike."""

import textwrap
from collections.abc import Iterable, Sequence

# columns of a terminal, a log and a page that tables keep to
LINE = 100
_GAP = "  "
# a word longer than this, a path say, is broken if its column must be narrow
_LONGEST_WORD = 24


def table(header: Sequence[object], rows: Iterable[Sequence[object]], *, keys: int = 1) -> str:
    """Columns aligned: words to the left, everything that starts with a digit or a sign to the right.

    A table wider than `LINE` leaves out the columns that are 0 or empty in every row, and names them below; if that is
    not enough, long words are wrapped within their columns, and at last the columns go on in a second table, which
    repeats the first `keys` of them. Nothing is cut off.
    """
    columns = [_Column([str(cell) for cell in cells]) for cells in zip(header, *rows, strict=True)]
    notes = []
    if _total(columns) > LINE:
        for what, says_nothing in (("0", _Column.is_zero), ("empty", _Column.is_empty)):
            left_out = [column for column in columns[keys:] if says_nothing(column)]
            if left_out:
                columns = [column for column in columns if column not in left_out]
                notes.append(f"{what} in every row: {', '.join(column.cells[0] for column in left_out)}")
    return "\n".join([*("\n\n".join(_lines(block) for block in _blocks(columns, keys)).split("\n")), *notes])


def counted(count: int, noun: str) -> str:
    """A count and its noun: "1 run", "2 runs"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def told(value: float, floor: float, form: str) -> str:
    """A number as text; 0 if rounding, `floor`, does not tell it from zero."""
    return "0" if abs(value) <= floor else format(value, form)


class _Column:
    """The heading and the cells of a column, and how wide it is; equal to no other."""

    def __init__(self, cells: list[str]):
        self.cells, self.numeric = cells, all(_is_number(cell) for cell in cells[1:])
        self.width = max(map(len, cells))
        words = [word for cell in cells for word in cell.split()]
        self.least = self.width if self.numeric else min(self.width, _LONGEST_WORD, max(map(len, words), default=0))

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
    """The columns, wrapped where that makes them fit; else the first as often as it takes, each time with others."""
    while _total(columns) > LINE:
        widest = max(columns, key=lambda column: (column.width > column.least, column.width))
        if widest.width == widest.least:
            break
        widest.width -= 1
    blocks: list[list[_Column]] = [columns[:keys]]
    for column in columns[keys:]:
        if _total([*blocks[-1], column]) > LINE and len(blocks[-1]) > keys:
            blocks.append(columns[:keys])
        blocks[-1].append(column)
    return blocks


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
