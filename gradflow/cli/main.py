"""The command and its subcommands; a file each. Nothing here loads JAX before a subcommand runs."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, cast

import typer

import gradflow
from gradflow._compilation_cache import use_compilation_cache
from gradflow._errors import WrongUse
from gradflow._writing import NotWritten
from gradflow.cli.boundaries import boundaries
from gradflow.cli.certify import certify
from gradflow.cli.export import export
from gradflow.cli.families import families
from gradflow.cli.figures import figures
from gradflow.cli.merge import merge
from gradflow.cli.phase_diagram import phase_diagram
from gradflow.cli.report import report
from gradflow.cli.reproduce import reproduce
from gradflow.cli.runs import runs
from gradflow.cli.solve import solve
from gradflow.cli.status import status
from gradflow.cli.theorem import theorem
from gradflow.cli.verify import verify
from gradflow.cli.wording import no_value, spoken, usage

_EPILOG = (
    "Exit codes: 0 done; 1 a run failed, a statement is not proved, stores contradict each other, or a file could not "
    "be written; 2 wrong use; 130 interrupted. Compiled programs are kept in ~/.cache/gradflow, or where "
    "JAX_COMPILATION_CACHE_DIR says."
)

app = typer.Typer(
    help="Follow the gradient flow of a small neural network to the critical point where it ends, and say what it is.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="solve")(solve)
app.command(name="phase-diagram")(phase_diagram)
app.command(name="report")(report)
app.command(name="figures")(figures)
app.command(name="status")(status)
app.command(name="runs")(runs)
app.command(name="certify")(certify)
app.command(name="verify")(verify)
app.command(name="export")(export)
app.command(name="merge")(merge)
app.command(name="reproduce")(reproduce)
app.command(name="families")(families)
app.command(name="boundaries")(boundaries)
app.command(name="theorem")(theorem)


def _version(asked: bool) -> bool:
    if asked:
        typer.echo(f"gradflow {gradflow.__version__}")
        raise typer.Exit
    return asked


@app.callback()
def _gradflow(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and stop.")
    ] = False,
) -> None:
    pass


# click's, by whichever name Typer carries it
_UsageError = cast(type[Exception], typer.BadParameter.__mro__[1])


def main() -> None:
    """Run the command; wrong arguments are one line and exit code 2, not a traceback."""
    command = _command(sys.argv[1:])
    if wrong := no_value(command, sys.argv[1:]):
        typer.echo(f"error: {wrong}", err=True)
        sys.exit(2)
    use_compilation_cache()
    try:
        with _warnings_in_one_line(command):
            sys.exit(app(standalone_mode=False) or 0)
    except _UsageError as error:
        if sys.argv[1:]:  # the command alone has printed its help
            typer.echo(f"error: {usage(error, sys.argv[1:], command)}", err=True)
        sys.exit(2)
    except typer.Abort:  # Ctrl-C where nothing was begun
        typer.echo("interrupted", err=True)
        sys.exit(130)
    except WrongUse as error:
        typer.echo(f"error: {spoken(str(error), command)}", err=True)
        sys.exit(2)
    except (NotWritten, RuntimeError) as error:
        if isinstance(error, NotWritten) or _is_of_a_sweep(error):
            typer.echo(f"error: {error}", err=True)
            sys.exit(1)
        raise


def _command(arguments: list[str]) -> Any:
    """The subcommand that is meant, if there is one."""
    commands: Any = typer.main.get_command(app)
    return next((commands.commands[word] for word in arguments if word in commands.commands), None)


def _is_of_a_sweep(error: BaseException) -> bool:
    """Whether a sweep ended for a reason outside of it, which the message says: a cluster that is gone."""
    from gradflow.sweeps import ExecutorError

    return isinstance(error, ExecutorError)


@contextmanager
def _warnings_in_one_line(command: Any) -> Iterator[None]:
    """What Python would show with the line of ours that warns; each text once, from wherever it comes."""
    seen: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *where: object, **more: object) -> None:
        if str(message) not in seen:
            seen.add(str(message))
            typer.echo(f"warning: {spoken(str(message), command)}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
