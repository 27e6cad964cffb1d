"""gradflow certify: prove what the ends of stored runs are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradflow.cli import options

if TYPE_CHECKING:
    import gradflow as gf


def certify(
    store: options.StoreFolder,
    k: Annotated[int | None, typer.Option("--k", help="Runs of this teacher width.", show_default=False)] = None,
    n: Annotated[int | None, typer.Option("--n", help="Runs of this student width.", show_default=False)] = None,
    run: Annotated[
        int | None, typer.Option(help="This repetition; with --n it is one run.", show_default=False)
    ] = None,
    digits: Annotated[int, typer.Option(help="Digits of the critical points.")] = 30,
    again: Annotated[bool, typer.Option("--again", help="Try again what could not be proved.")] = False,
    processes: options.Processes = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the certificate of a single run to this file too.", show_default=False)
    ] = None,
    plain: options.Plain = False,
) -> None:
    """Prove what the runs of a store ended in: that there is exactly one critical point nearby, its index, its loss.

    All runs that lack a certificate, or those that are named. The certificates are kept in the store, beside the
    records. Of a single run the certificate is printed, of several a table. Exit code 1 if something is not proved.

    Example:  gradflow certify runs/k8 --n 4 --run 3
    """
    import gradflow as gf
    from gradflow import _checks

    if out is not None:
        _checks.path_to_write("gradflow certify", out, "certificate.json")
    wanted: dict[str, Any] = {name: at for name, at in (("k", k), ("n", n), ("run", run)) if at is not None}
    if out is not None and not {"n", "run"} <= wanted.keys():
        raise typer.BadParameter("--out is for one run. Write --n 4 --run 3 --out certificate.json.")
    diagrams = gf.certify_runs(
        store, digits=digits, again=again, processes=processes, progress="plain" if plain else True, **wanted
    )
    records = [record for diagram in diagrams for record in diagram.records]
    if not records:
        raise typer.BadParameter(f"{store} has no run like that. gradflow runs {store} lists those that there are.")
    if {"n", "run"} <= wanted.keys():
        if len(records) > 1:
            raise typer.BadParameter(f"{store} has this run for several k. Write --k {records[0].address.k}.")
        _one(diagrams[0], out)
    else:
        typer.echo("\n\n".join(str(diagram) for diagram in diagrams))
    if not all(diagram.complete for diagram in diagrams):
        typer.echo("interrupted: the same command goes on", err=True)
        raise typer.Exit(130)
    refused = any(not found.proved for diagram in diagrams for found in diagram.certificates.values())
    if refused or any(diagram.contradicted for diagram in diagrams):
        raise typer.Exit(1)


def _one(diagram: "gf.PhaseDiagram", out: Path | None) -> None:
    """The certificate of a diagram's only run."""
    import gradflow as gf

    (record,) = diagram.records
    found = diagram.certificates.get(record.address)
    if found is None:
        if diagram.complete:
            typer.echo(f"{record.address}: it did not end at a critical point ({record.kind}): nothing to certify")
            raise typer.Exit(1)
        return
    typer.echo(f"{record.address}\n{found}")
    if record in diagram.contradicted:
        typer.echo(f"WARNING: its class is {record.kind}; the class is wrong, or gradflow is; please report it")
    if out is not None:
        gf.write_certificate(found.certificate, out)
        typer.echo(f"written: {out}", err=True)
