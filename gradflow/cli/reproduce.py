"""gradflow reproduce: the published phase diagram, again."""

from pathlib import Path
from typing import Annotated

import typer

_RUNS = 40  # the publication's, at every width


def reproduce(
    summary: Annotated[
        Path | None, typer.Option(help="From this file of gf.write_summary, in seconds.", show_default=False)
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(help="From this store; what it lacks is run, from scratch in 15 minutes.", show_default=False),
    ] = None,
    runs: Annotated[int, typer.Option(help="Starts at every width, with --store.")] = _RUNS,
    out: Annotated[Path | None, typer.Option(help="Folder for table, figure and summary.", show_default=False)] = None,
) -> None:
    """The published phase diagram (k = 50, d = 51, Glorot normal starts), with a table of what agrees with the
    publication and what does not.

    Example:  gradflow reproduce --summary figures/phase_diagram_k50.csv --out runs/published
    """
    import gradflow as gf
    from gradflow import _checks
    from gradflow._writing import written_whole

    if (summary is None) == (store is None):
        raise typer.BadParameter(
            "it is made from a summary or from a store. Write --summary figures/phase_diagram_k50.csv, or --store "
            "runs/k50 to run what is not there yet."
        )
    if out is not None:
        out = _checks.writable_folder("gradflow reproduce", out, "--out", "--out runs/published")
    diagram = (
        gf.phase_diagram(50, range(1, 51), runs, store=store, progress=True)
        if summary is None
        else gf.read_summary(summary)
    )
    comparison = gf.compare_with_publication(diagram)
    typer.echo(f"{diagram}\n\n{comparison}")
    if out is not None:
        with written_whole(out / "table.txt") as table:
            table.write_text(f"{diagram}\n\n{comparison}\n", encoding="utf-8")
        gf.plot_phase_diagram(diagram, out / "phase_diagram_k50.png")
        gf.write_summary(diagram, out / "phase_diagram_k50.csv")
        typer.echo(f"written: table.txt, phase_diagram_k50.png and phase_diagram_k50.csv in {out}", err=True)
    if not diagram.complete:
        typer.echo("interrupted: the same command goes on", err=True)
        raise typer.Exit(130)
    if any(row.failed for row in diagram.rows):
        raise typer.Exit(1)
