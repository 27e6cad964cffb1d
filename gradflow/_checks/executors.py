"""Executors: one of them, and one way to a cluster."""

from typing import Any

from gradflow._checks.descriptions import shown
from gradflow._checks.files import named
from gradflow._checks.numbers import text
from gradflow._errors import WrongType, WrongValue

# each is a program of its own that takes a few hundred MB; no machine has so many cores
MOST_PROCESSES = 1_000


def one_executor(verb: str, executor: Any, processes: Any) -> None:
    if executor is not None and processes is not None:
        raise WrongValue(
            f"{verb}: processes={shown(processes)} and executor={type(executor).__name__} say twice where the runs are "
            "done. Write one of them."
        )


def one_way_to_dask(address: Any, scheduler_file: Any, client: Any) -> None:
    given = [value for value in (address, scheduler_file, client) if value is not None]
    if len(given) != 1:
        raise WrongValue(
            f"DaskCluster: one of address, scheduler_file and client is needed, got {len(given)} of them. Write "
            'gf.DaskCluster("tcp://scheduler:8786") or gf.DaskCluster(scheduler_file="scheduler.json").'
        )
    if address is not None:
        text("DaskCluster", "address", address, 'gf.DaskCluster("tcp://scheduler:8786")')
    if client is not None and (isinstance(client, type) or not hasattr(client, "submit")):
        raise WrongType(
            f"DaskCluster: client must be a distributed.Client, got {shown(client)}. Write "
            'gf.DaskCluster(client=distributed.Client("tcp://scheduler:8786")).'
        )
    if scheduler_file is not None:
        file = named("DaskCluster", "scheduler_file", scheduler_file, 'gf.DaskCluster(scheduler_file="scheduler.json")')
        if not file.is_file():
            raise WrongValue(
                f"DaskCluster: there is no scheduler file {str(file)!r}. Write dask scheduler "
                f"--scheduler-file {file} to start a scheduler that makes it."
            )


def unreachable_scheduler(where: Any, timeout: float, error: Exception) -> None:
    raise WrongValue(
        f"DaskCluster: no Dask scheduler answers at {where} within {timeout:g} s ({type(error).__name__}). Start one "
        "(dask scheduler), or give the address that it prints."
    ) from error
