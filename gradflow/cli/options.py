"""Options that several subcommands share."""

import enum
from pathlib import Path
from typing import Annotated

import typer

import gradflow


class Law(enum.StrEnum):
    """The laws of initial weights, by the names of the command line."""

    GLOROT_NORMAL = "glorot-normal"
    LECUN_NORMAL = "lecun-normal"
    UNIT_SPHERE = "unit-sphere"


K = Annotated[int, typer.Option("--k", help="Width of the teacher.", show_default=False)]
Seed = Annotated[int, typer.Option(help="Root seed; a run's key is derived from it and from (k, n, run).")]
Dimension = Annotated[int | None, typer.Option("--d", help="Input dimension.  [default: k + 1]", show_default=False)]
Init = Annotated[Law, typer.Option(help="Law of the initial weights.")]
Rtol = Annotated[float, typer.Option(help="Relative local error of the flow.")]
Atol = Annotated[float, typer.Option(help="Absolute local error of the flow.")]
GradientTolerance = Annotated[float, typer.Option(help="The flow ends at this gradient norm (largest entry).")]
MaxSteps = Annotated[int, typer.Option(help="Steps of the flow before it gives up.")]
Store = Annotated[Path, typer.Argument(help="Folder of a phase diagram.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def initialiser(law: Law) -> "gradflow.AbstractInitialiser":
    """The initialiser of a name."""
    laws: dict[Law, type[gradflow.AbstractInitialiser]] = {
        Law.GLOROT_NORMAL: gradflow.GlorotNormal,
        Law.LECUN_NORMAL: gradflow.LecunNormal,
        Law.UNIT_SPHERE: gradflow.UnitSphere,
    }
    return laws[law]()
