"""gradflow phase-diagram: the pipeline over widths and starts."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from gradflow._text import counted
from gradflow.cli import options

# far beyond what a dense Hessian allows; it keeps a slip of the finger from filling the memory with numbers
_LARGEST_WIDTH = 100_000


def phase_diagram(
    k: options.K,
    runs: Annotated[int, typer.Option(help="Starts at every width.")] = 10,
    widths: Annotated[
        str | None, typer.Option(help="Student widths, as 1-7 or 2,4,8-12. (default: 1 to k - 1)", show_default=False)
    ] = None,
    seed: options.Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the records, the table and the figure; a second call resumes.", show_default=False
        ),
    ] = None,
    d: options.Dimension = None,
    init: options.Init = options.Law.GLOROT_NORMAL,
    weight_scale: options.WeightScale = 1.0,
    output_scale: options.OutputScale = 1.0,
    balanced: options.Balanced = False,
    warm_start: options.WarmStart = None,
    noise: options.Noise = 0.0,
    rtol: options.Rtol = 1e-3,
    atol: options.Atol = 1e-6,
    gradient_tolerance: options.GradientTolerance = 1e-8,
    max_steps: options.MaxSteps = 10_000,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds after which a flow is given up.", show_default=False)
    ] = None,
    trajectories: Annotated[bool, typer.Option("--trajectories", help="Keep the weights along the path too.")] = False,
    certify: Annotated[
        bool, typer.Option("--certify", help="Prove what the ends are; also of stored runs that lack it.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Do failed runs of the store again.")] = False,
    retry_max_steps: Annotated[
        int | None, typer.Option(help="... with so many steps (implies --retry).", show_default=False)
    ] = None,
    retry_rtol: Annotated[
        float | None, typer.Option(help="... with this local error (implies --retry).", show_default=False)
    ] = None,
    processes: options.Processes = None,
    dask: Annotated[
        str | None, typer.Option(help="Do the runs on the Dask cluster of this scheduler.", show_default=False)
    ] = None,
    dask_scheduler_file: Annotated[
        Path | None, typer.Option(help="The same, by the scheduler's file.", show_default=False)
    ] = None,
    plain: options.Plain = False,
    as_json: options.Json = False,
) -> None:
    """Where gradient flows end, by student width: a table, and with --out a figure and a store that a second call
    resumes. The same command in several jobs or on several machines shares the runs.

    Example:  gradflow phase-diagram --k 8 --runs 10 --seed 0 --out runs/k8
    """
    import gradflow as gf
    from gradflow._progress import loading_jax
    from gradflow._writing import written_whole

    with loading_jax(shown="plain" if plain else "auto"):
        verb = gf.phase_diagram
    changed = retry_max_steps is not None or retry_rtol is not None
    on_dask = dask is not None or dask_scheduler_file is not None
    diagram = verb(
        k,
        _widths(widths),
        runs,
        seed,
        d=d,
        init=options.initialiser(init, weight_scale, output_scale, balanced, warm_start, noise),
        store=out,
        rtol=rtol,
        atol=atol,
        gradient_tolerance=gradient_tolerance,
        max_steps=max_steps,
        time_limit=time_limit,
        trajectories=trajectories,
        certify=certify,
        retry=gf.Retry(max_steps=retry_max_steps, rtol=retry_rtol) if retry or changed else None,
        processes=processes,
        executor=gf.DaskCluster(dask, dask_scheduler_file) if on_dask else None,
        progress="plain" if plain else True,
    )
    typer.echo(json.dumps(diagram.to_json(), indent=1) if as_json else str(diagram))
    if out is not None and diagram.records:
        with written_whole(out / "table.txt") as table:
            table.write_text(f"{diagram}\n", encoding="utf-8")
        gf.plot_phase_diagram(diagram, out / "phase_diagram.png")
        typer.echo(f"written: {out / 'table.txt'}, {out / 'phase_diagram.png'}", err=True)
    if diagram.unreadable:
        some = counted(len(diagram.unreadable), "run")
        typer.echo(f"left out: {some} whose records cannot be read here, as the warnings say; they stay", err=True)
        raise typer.Exit(1)
    if not diagram.complete:
        typer.echo("interrupted: the same command resumes" + ("" if out else " if --out names a folder"), err=True)
        raise typer.Exit(130)
    if any(row.failed for row in diagram.rows):
        raise typer.Exit(1)


def _widths(text: str | None) -> list[int] | None:
    """1-7 or 2,4,8-12 as numbers."""
    if text is None:
        return None
    numbers: list[int] = []
    for part in text.split(","):
        matched = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if matched is None or (matched[2] and int(matched[2]) < int(matched[1])):
            raise typer.BadParameter(f"{text!r} does not name widths. Write --widths 1-7 or --widths 2,4,8-12.")
        first, last = int(matched[1]), int(matched[2] or matched[1])
        if last > _LARGEST_WIDTH:
            raise typer.BadParameter(f"{text!r} goes beyond {_LARGEST_WIDTH} neurons. Write --widths 1-7.")
        numbers.extend(range(first, last + 1))
    return numbers
