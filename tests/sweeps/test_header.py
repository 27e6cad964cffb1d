"""The header of a record: every field is what it says it is, or the record is damaged and the field named."""

import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest

from gradflow._digest import digest_of
from gradflow._result_names import RESULT_NAMES
from gradflow.sweeps.header import header_bytes, header_of
from gradflow.sweeps.record import from_bytes, to_bytes

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def record(swept):
    return swept[1].records[2]


@pytest.fixture
def header(record):
    """The whole header, with the digests of its arrays."""
    digests = {name: digest_of(array) for name, array in record.arrays.items()}
    header = json.loads(header_bytes(record.header, digests))
    del header["digest"], header["compile_seconds"]  # as in older records, whose fields are all that tells
    return header


def places(value, at=()):
    """All fields, and the fields and entries in them."""
    if at:
        yield at
    if isinstance(value, dict | list):
        for name, entry in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(entry, (*at, name))


def put(header, at, value):
    changed = json.loads(json.dumps(header))
    inner = changed
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = value
    return changed


# values that are of no field's kind, and of each field one that is not of its own
def alien(value):
    if not isinstance(value, str):
        yield "five"
    if not isinstance(value, dict):
        yield {"a": 1}
    if not isinstance(value, list):
        yield [["a"]]
    yield True
    yield 10**400
    if isinstance(value, int | float):
        yield float("nan")
        yield float("inf")
    if isinstance(value, str):
        yield 7
        yield "\ud800"


# of what ran it nothing but the host is read; a path that nobody reads may say what it likes
UNREAD = {("machine", name) for name in ("system", "processor", "cores", "device")}


def test_no_field_can_be_of_another_kind(header):
    for at in places(header):
        if at in UNREAD:
            continue
        inner = header
        for name in at:
            inner = inner[name]
        for value in alien(inner):
            with pytest.raises(ValueError, match="its header: "):
                header_of(json.dumps(put(header, at, value)).encode())


def test_a_field_is_named_with_what_stands_in_it(header):
    changed = put(header, ("classification", "index"), "five")
    with pytest.raises(ValueError, match=r"^its header: classification\.index is 'five', not an integer from 0 to"):
        header_of(json.dumps(changed).encode())


def test_a_field_that_is_missing_is_named(header):
    for at in places(header):
        # entries of tables and lists may be fewer, and fields that older versions did not write be missing
        later = ("schema", "changes", "time_limit", "machine", "compile_seconds")
        if isinstance(at[-1], int) or at[0] in ("arrays", "versions", *later):
            continue
        if at[-1] in ("seconds", "least_eigenvalue", "least_eigenvalue_error", "largest_eigenvalue") and len(at) > 1:
            continue
        changed = put(header, at, None)
        inner = changed
        for name in at[:-1]:
            inner = inner[name]
        del inner[at[-1]]
        with pytest.raises(ValueError, match=f"its header: .*has no {at[-1]}"):
            header_of(json.dumps(changed).encode())


def test_a_header_edited_by_hand_is_not_the_one_that_was_written(record):
    content = to_bytes(record)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["header.json"] = members["header.json"].replace(b'"index": 0', b'"index": 1')
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member)
    with pytest.raises(ValueError, match="its header: not the one that was written"):
        from_bytes(buffer.getvalue())


def test_a_field_that_a_newer_gradflow_adds_is_passed_over(record):
    digests = {name: digest_of(array) for name, array in record.arrays.items()}
    header, _ = header_of(header_bytes(record.header | {"added": [1, 2]}, digests))
    assert header["added"] == [1, 2]


def test_a_record_of_an_older_version_is_read(record, header):
    """Packed arrays, no digest of the header, and nothing of the machine, the changes, the schema or the spectrum."""
    for name in ("schema", "changes", "time_limit", "machine"):
        del header[name]
    del header["flow"]["seconds"]
    for name in ("least_eigenvalue", "least_eigenvalue_error", "largest_eigenvalue"):
        del header["classification"][name]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(header, sort_keys=True, indent=1))
        for name, array in record.arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, array, allow_pickle=False)
            archive.writestr(f"{name}.npy", part.getvalue())
    read = from_bytes(buffer.getvalue())
    assert read.summary() == record.summary()
    assert from_bytes(buffer.getvalue(), header_only=True).summary() == record.summary()
    assert from_bytes(to_bytes(read)).header == read.header


def test_every_result_of_a_run_may_stand_in_a_header(header):
    for name in (*RESULT_NAMES, "crashed"):
        header_of(json.dumps(put(header, ("result",), name)).encode())


# edits of whole, consistent records with all digests anew, and what is said of them
EDITS = {
    "eigenvalues that are no numbers": (
        {},
        {"eigenvalues": lambda a: np.full_like(a, np.nan)},
        "eigenvalues are not all",
    ),
    "bounds that are no numbers": ({}, {"eigenvalue_error": lambda a: np.full_like(a, np.nan)}, "are no bounds"),
    "negative bounds": ({}, {"eigenvalue_error": lambda a: -1 - a}, "are no bounds"),
    "a start of no numbers": ({}, {"initial_weights": lambda a: a * np.nan}, "initial_weights are not all finite"),
    "a path without a time": (
        {},
        dict.fromkeys(("times", "losses", "gradient_norms"), lambda a: a[:0]),
        "its times do not begin at 0",
    ),
    "times that fall": ({}, {"times": lambda a: -a}, "its times do not begin at 0 and grow"),
    "a partition of P-n-C": ({"name": "P-n-C"}, {}, "a partition of no C-A"),
    "a partition of other teachers": ({"partition": [1]}, {}, "none of its teachers"),
    "C-A without a partition": ({"partition": None}, {}, "a C-A without one"),
}


@pytest.mark.parametrize(("named", "arrays", "said"), [pytest.param(*edit, id=name) for name, edit in EDITS.items()])
def test_a_whole_record_of_what_no_run_is_is_refused(record, named, arrays, said):
    assert record.header["configuration"]["name"] == "C-A"
    header = record.header | {"configuration": record.header["configuration"] | named}
    changed = dict(record.arrays) | {name: change(record.arrays[name]) for name, change in arrays.items()}
    with pytest.raises(ValueError, match=said):
        from_bytes(to_bytes(dataclasses.replace(record, header=header, arrays=changed)))


def test_only_older_records_have_no_digest(record):
    digests = {name: digest_of(array) for name, array in record.arrays.items()}
    header = json.loads(header_bytes(record.header, digests))
    del header["digest"]
    with pytest.raises(ValueError, match="not the one that was written"):
        header_of(json.dumps(header | {"loss": 0.0}).encode())
