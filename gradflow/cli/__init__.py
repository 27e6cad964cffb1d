"""The `gradflow` command."""

from gradflow.cli.main import main as main
