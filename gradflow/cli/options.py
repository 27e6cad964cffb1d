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
Dimension = Annotated[int | None, typer.Option("--d", help="Input dimension. (default: k + 1)", show_default=False)]
Init = Annotated[Law, typer.Option(help="Law of the initial weights; with --warm-start, of neurons that are added.")]
WeightScale = Annotated[float, typer.Option(help="W of the law times this.")]
OutputScale = Annotated[float, typer.Option(help="a of the law times this.")]
Balanced = Annotated[
    bool, typer.Option("--balanced", help="a_i = ±|w_i|, with the sign that the law draws and at the scale of W.")
]
WarmStart = Annotated[
    Path | None, typer.Option(help="Start from the final student of this record of a store.", show_default=False)
]
Noise = Annotated[float, typer.Option(help="Standard deviation of what is added to every entry of a warm start.")]
Rtol = Annotated[float, typer.Option(help="Relative local error of the flow.")]
Atol = Annotated[float, typer.Option(help="Absolute local error of the flow.")]
GradientTolerance = Annotated[float, typer.Option(help="The flow ends at this gradient norm (largest entry).")]
MaxSteps = Annotated[int, typer.Option(help="Steps of the flow before it gives up.")]
Processes = Annotated[
    int | None,
    typer.Option(
        help="Worker processes that share the runs. (default: one a core, if it is worth their start)",
        show_default=False,
    ),
]
Plain = Annotated[bool, typer.Option("--plain", help="Progress in lines, as in a log; without a terminal it is so.")]
StoreFolder = Annotated[Path, typer.Argument(help="Folder that a sweep was kept in.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def initialiser(
    law: Law, weight_scale: float, output_scale: float, balanced: bool, warm_start: Path | None, noise: float
) -> "gradflow.AbstractInitialiser":
    """The law that the options describe: the law of that name or the warm start, then the scales, then balance."""
    if balanced and output_scale != 1:
        raise typer.BadParameter(
            "--balanced gives every output weight the size of its weight vector, whatever --output-scale says. Write "
            "--balanced --weight-scale 0.3."
        )
    if noise and warm_start is None:
        raise typer.BadParameter("--noise is added to a stored student. Write --warm-start RECORD --noise 0.01.")
    laws: dict[Law, type[gradflow.AbstractInitialiser]] = {
        Law.GLOROT_NORMAL: gradflow.GlorotNormal,
        Law.LECUN_NORMAL: gradflow.LecunNormal,
        Law.UNIT_SPHERE: gradflow.UnitSphere,
    }
    made = laws[law]()
    if warm_start is not None:
        made = gradflow.WarmStart(warm_start, noise, made)
    # a law that is not scaled is described, and so stored, as the law itself
    if (weight_scale, output_scale) != (1, 1):
        made = gradflow.Scaled(made, weight_scale, output_scale)
    return gradflow.Balanced(made) if balanced else made
