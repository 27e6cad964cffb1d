"""What may lie where a certificate or a table should: one line says what it is, before it fills the memory."""

import itertools
import json
import os
import resource

import pytest
from typer.testing import CliRunner

import gradflow as gf
from gradflow._errors import WrongUse
from gradflow._json import bounded_json
from gradflow.cli.main import app
from gradflow.proofs.file import content_of

pytestmark = pytest.mark.usefixtures("unchecked")

# of a true certificate read and proved again there is less than a hundredth
_MOST_MEMORY = 400 * 2**20


@pytest.fixture(scope="module")
def fields():
    """Of a curve, whose narrower certificate is inside."""
    student = gf.TwoLayerNetwork([[1.0, 0.0], [1.0, 0.0]], [0.5, 0.5])
    found = gf.certify(gf.TeacherStudent(gf.TwoLayerNetwork([[1.0, 0.0]], [1.0]), width=2), student)
    assert found.statement is gf.Statement.NOT_ISOLATED
    return json.loads(content_of(found))


@pytest.fixture(scope="module")
def symmetric():
    point = gf.perturbed_n_copy(3, 2)
    return json.loads(content_of(gf.certify(point.problem, point)))


def changed(fields, *at, value):
    found = here = json.loads(json.dumps(fields))
    for step in at[:-1]:
        here = here[step]
    here[at[-1]] = value
    return json.dumps(found).encode()


TEXTS = {
    "nested in lists": lambda f, s: b"[" * 100_000,
    "nested in objects": lambda f, s: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "nested behind brackets in texts": lambda f, s: b"[" + b'"]",[' * 100_000,
    "nested narrower ones": lambda f, s: changed(f, "narrower", value=f),
    "many values": lambda f, s: b"[" + b"0," * 2**22 + b"0]",
    "no UTF-8": lambda f, s: b"\xff\xfe{}",
    "a byte order mark": lambda f, s: b"\xef\xbb\xbf" + json.dumps(f).encode(),
    "NaN": lambda f, s: json.dumps(f).replace('"index": null', '"index": NaN').encode(),
    "Infinity": lambda f, s: json.dumps(f).replace('"index": null', '"index": -Infinity').encode(),
    "a float beyond all": lambda f, s: json.dumps(f).replace('"index": null', '"index": 1e999').encode(),
    "an integer of many digits": lambda f, s: changed(f, "bits", value=0).replace(
        b'"bits": 0', b'"bits": ' + b"9" * 10**6
    ),
    "a field twice": lambda f, s: b'{"index": 0,' + json.dumps(f).encode()[1:],
    "many fields, the last twice": lambda f, s: (
        b"{" + b",".join(b'"%d":0' % (place % 499_999) for place in range(500_000)) + b"}"
    ),
    "an exponent": lambda f, s: changed(f, "narrower", "center", value=["1p-99999999"]),
    "an exponent of many digits": lambda f, s: changed(f, "narrower", "center", 0, value="1p-" + "9" * 400),
    "a decimal": lambda f, s: changed(f, "narrower", "center", 0, value="1e-99999999"),
    "a number of many digits": lambda f, s: changed(f, "narrower", "center", 0, value="f" * 2 * 10**7 + "p0"),
    "many long numbers": lambda f, s: changed(f, "narrower", "center", value=["1p-20000"] * 100_000),
    "a radius beyond float64": lambda f, s: changed(f, "radius", value="0x1p+2000"),
    "one bit": lambda f, s: changed(f, "narrower", "bits", value=1),
    "many bits": lambda f, s: changed(f, "narrower", "bits", value=10**9),
    "true for one": lambda f, s: changed(f, "sharing", value=[[False, True], [False, True]]),
    "a half of a sign": lambda f, s: changed(f, "sharing", value=[[0, 1.5], [0, 1]]),
    "a list in place of a certificate": lambda f, s: changed(f, "narrower", value=[]),
    "another kind inside": lambda f, s: changed(f, "narrower", "problem", value=s["problem"]),
    "ten million students": lambda f, s: changed(s, "problem", "orbits", 0, "students", value=10**7),
    "a size beyond all": lambda f, s: changed(s, "problem", "orbits", 0, "size", value=10**39),
    "a width beyond all": lambda f, s: changed(f, "problem", "width", value=10**39),
    "fields of an orbit": lambda f, s: changed(s, "problem", "orbits", 0, value={"alone": True}),
    "rows of different lengths": lambda f, s: changed(f, "given", "weights", 0, value=["0x1p+0"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_none_is_refused_in_one_line(fields, symmetric, tmp_path, name):
    file = tmp_path / "certificate.json"
    file.write_bytes(TEXTS[name](fields, symmetric))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WrongUse) as found:
        gf.verify(file)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 500
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < _MOST_MEMORY


PLACES = (("given", "output", 0), ("given", "weights", 0, 0), ("problem", "teacher", "weights", 0, 0))


@pytest.mark.parametrize("value", ["0x1.0p+1023", "0x1.1ccf385ebc8ap+1023", "inf", "nan"])
@pytest.mark.parametrize("at", PLACES)
def test_numbers_of_which_nothing_can_be_proved_are_named(fields, tmp_path, at, value):
    file = tmp_path / "certificate.json"
    file.write_bytes(changed(fields, *at, value=value))
    try:
        failed = gf.verify(file).failed
    except WrongUse as error:  # of what is not finite, and of a teacher beyond float64, there is no network
        failed = (*(name for name in ("given", "problem") if f"the field '{name}'" in str(error)),)
    assert "given" in failed or failed == (at[0],)


# `verify` takes the folder of a store too
@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("folder", ("theorem", "--check")),
        *itertools.product(("device", "pipe", "loop", "nothing", "empty"), (("verify",), ("theorem", "--check"))),
    ],
)
def test_what_is_no_plain_file_is_one_line_and_exit_code_2(tmp_path, command, what):
    place = tmp_path / "place"
    if what == "device":
        place.symlink_to("/dev/zero")
    elif what == "pipe":
        os.mkfifo(place)
    elif what == "folder":
        place.mkdir()
    elif what == "loop":
        place.symlink_to(place)
    elif what == "empty":
        place.touch()
    result = CliRunner().invoke(app, [*command, str(place)])
    assert isinstance(result.exception, WrongUse)
    assert "\n" not in str(result.exception)


TABLE = (
    "k,n,copy_average_index,perturbed_index,lower,own,others,unmatched,output,copy_average_gap,perturbed_gap,radius\n"
)
ROW = (
    "3,2,0,1,C-A,0.65384797255131912,-0.067905443781638978,0.28559657049741847,1.4967918010813679,"
    "0.00737,0.00767,0.000265\n"
)
TABLES = {
    "no row": TABLE,
    "no line": "",
    "a short row": TABLE + ROW[:20] + "\n",
    "a million short rows": TABLE + "a\n" * 10**6,
    "a million lines of something else": "a\n" * 10**6,
    "a long row": TABLE + ROW.strip() + ",0\n",
    "k and n exchanged": TABLE + "2,3" + ROW[3:],
    "a huge k": TABLE + "9" * 5000 + ROW[1:],
    "a k beyond all": TABLE + "9" * 60 + ROW[1:],
    "an exponent": TABLE + ROW.replace("0.28559657049741847", "1e-99999999"),
    "many digits": TABLE + ROW.replace("0.28559657049741847", "0." + "1" * 100_000),
    "no number": TABLE + ROW.replace("0.28559657049741847", "nan"),
    "a radius that is none": TABLE + ROW.replace("0.000265", "inf"),
    "no UTF-8": TABLE + "\udcff",
    "a zero byte": TABLE + ROW.replace("C-A", "C\0A"),
    "a quote": TABLE + '"' + ROW,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_none_is_refused_in_one_line(tmp_path, name):
    file = tmp_path / "widths.csv"
    file.write_bytes(TABLES[name].encode("utf-8", "surrogateescape"))
    with pytest.raises(WrongUse) as found:
        gf.verify_widths(file)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 500


def test_brackets_in_texts_do_not_count():
    assert bounded_json(b'{"a": ["[[[", "\\"[[["]}', deepest=2, most=10) == {"a": ["[[[", '"[[[']}
    with pytest.raises(ValueError, match="nested 3 deep"):
        bounded_json(b'[[[]], "]]"]', deepest=2, most=10)
    with pytest.raises(ValueError, match="more than 3 values"):
        bounded_json(b"[1, 2, 3, 4]", deepest=2, most=3)
