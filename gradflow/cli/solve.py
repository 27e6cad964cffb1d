"""gradflow solve: one run, all stages."""

import json
from typing import Annotated

import typer

from gradflow.cli import options


def solve(
    k: options.K,
    n: Annotated[int, typer.Option("--n", help="Width of the student.", show_default=False)],
    seed: options.Seed = 0,
    run: Annotated[int, typer.Option(help="Repetition: which of a sweep's runs at this width.")] = 0,
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
    as_json: options.Json = False,
) -> None:
    """Follow one start to its critical point; print what each stage found and what every neuron does.

    It reproduces that cell of a sweep with the same settings.

    Example:  gradflow solve --k 8 --n 4 --seed 0 --run 3
    """
    from gradflow import sweeps
    from gradflow._progress import loading_jax

    with loading_jax(shown="none" if as_json else "auto"):
        from gradflow import RESULTS

    plan = sweeps.checked_experiment(
        verb="gradflow solve",
        k=k,
        d=d,
        init=options.initialiser(init, weight_scale, output_scale, balanced, warm_start, noise),
        seed=seed,
        rtol=rtol,
        atol=atol,
        gradient_tolerance=gradient_tolerance,
        max_steps=max_steps,
    )
    address = sweeps.checked_address("gradflow solve", k, n, run)
    solution = sweeps.run_cell(plan, address, progress=not as_json)
    if as_json:
        record = sweeps.record_of(plan, sweeps.Task(address), solution, **sweeps.times_of(solution.trajectory))
        typer.echo(
            json.dumps({"experiment": plan.description()} | record.summary() | {"neurons": record.neurons}, indent=1)
        )
    else:
        typer.echo(f"k = {k}, n = {n}, d = {k + plan.excess}, {plan.init.label}, seed {seed}, run {run}")
        typer.echo(str(solution))
    if bool(solution.result == RESULTS.interrupted):
        raise typer.Exit(130)
    if not bool(solution.result == RESULTS.successful):
        raise typer.Exit(1)
