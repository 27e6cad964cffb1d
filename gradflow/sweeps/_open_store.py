"""open_store: the store in a folder."""

import os

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.sweeps.experiment import from_description
from gradflow.sweeps.store import Store, address_of


def open_store(folder: Checked[str | os.PathLike[str]], verb: Checked[str] = "open_store") -> Store:
    """The store that is in a folder, with the experiment that it says it holds."""
    verb = _checks.text("open_store", "verb", verb, 'gf.open_store("runs/k8")')
    path = _checks.folder(verb, folder)
    content = _checks.experiment_file(verb, path / "experiment.json")
    if content is None:
        records = _checks.names_in(path / "records") if path.is_dir() else []
        _checks.no_store(verb, path, [name for name in records if address_of(name)])
        raise AssertionError("unreachable")
    found = _checks.described_experiment(verb, path, content)
    try:
        experiment = from_description(found, to_draw=False)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        _checks.incomplete_description(verb, path, error)
        raise AssertionError("unreachable") from error
    return Store(path, experiment, made=False)
