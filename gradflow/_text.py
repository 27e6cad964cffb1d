"""Plain text: tables that stand in a terminal, a log and a paper's appendix alike."""

from collections.abc import Iterable, Sequence


def table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Columns aligned: words to the left, everything that starts with a digit or a sign to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    numeric = [all(_is_number(row[column]) for row in cells[1:]) for column in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in [lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def counted(count: int, noun: str) -> str:
    """A count and its noun: "1 run", "2 runs"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(items: Sequence[str]) -> str:
    """ "0", "0 and 1", "0, 1 and 2"."""
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


def _is_number(text: str) -> bool:
    return text[:1] in set("0123456789+-−.") or text in ("", "nan", "inf")
