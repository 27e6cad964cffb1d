"""gradflow status: how a sweep gets on."""

import json
from dataclasses import asdict

import typer

from gradflow.cli import options


def status(store: options.StoreFolder, as_json: options.Json = False) -> None:
    """How the sweep in a folder gets on: runs by class, what is left, who is at work. From any terminal, at any time.

    Example:  gradflow status runs/k50
    """
    import gradflow as gf

    found = gf.status(store)
    typer.echo(json.dumps(asdict(found), indent=1) if as_json else str(found))
