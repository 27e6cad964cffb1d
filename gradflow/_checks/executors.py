"""Executors: one of them, and one way to a cluster."""

import re
from pathlib import Path
from typing import Any

from gradflow._checks.descriptions import shown
from gradflow._checks.files import named
from gradflow._checks.numbers import text
from gradflow._errors import WrongType, WrongValue
from gradflow._files import plain_content
from gradflow._json import bounded_json

# each is a program of its own that takes a few hundred MB; no machine has so many cores
MOST_PROCESSES = 1_000
_ADDRESS = re.compile(
    r"(?:(?:tcp|tls|ws|wss|ucx)://)?(?:\[[^\s\[\]/]+\]|[^\s\[\]/:]+):(?P<port>\d{1,5})/?|inproc://\S+"
)
_LAST_PORT = 65_535
# a scheduler's file describes all of its workers
_LARGEST_FILE, _DEEPEST = 2**24, 32


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
        if not _is_address(address):
            raise WrongValue(
                f"DaskCluster: address must be a host and a port, as a Dask scheduler prints them, got {address!r}. "
                'Write address="tcp://scheduler:8786".'
            )
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
        if not _is_address(_address_in(file)):
            raise WrongValue(
                f"DaskCluster: {str(file)!r} is no file that a Dask scheduler has written. Write dask scheduler "
                "--scheduler-file scheduler.json to start one that makes it."
            )


def _address_in(scheduler_file: Path) -> Any:
    try:
        content = bounded_json(plain_content(scheduler_file, _LARGEST_FILE), deepest=_DEEPEST, most=_LARGEST_FILE)
    except (OSError, ValueError):
        return None
    return content.get("address") if isinstance(content, dict) else None


def _is_address(found: Any) -> bool:
    """Dask's client does not notice itself: one that does not come about holds the process for a minute at its end."""
    matched = _ADDRESS.fullmatch(found) if isinstance(found, str) else None
    return matched is not None and 1 <= int(matched["port"] or 1) <= _LAST_PORT


def unreachable_scheduler(where: Any, timeout: float, error: Exception) -> None:
    raise WrongValue(
        f"DaskCluster: no Dask scheduler answers at {where} within {timeout:g} s. Start one "
        "(dask scheduler), or give the address that it prints."
    ) from error
