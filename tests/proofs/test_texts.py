"""Texts and other fields in a certificate's file: what it does not say is named or refused."""

import json

import pytest

import gradflow as gf


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A certificate of each kind, as the fields of its file."""
    folder = tmp_path_factory.mktemp("certificates")
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=3, d=4), width=1)
    twice = gf.TeacherStudent(gf.orthonormal_teacher(k=3, d=4), width=2)
    one = gf.copy_average(k=3, n=1).student
    split = gf.TwoLayerNetwork([one.weights[0], one.weights[0]], [0.7 * one.output[0], 0.3 * one.output[0]])
    reduced = gf.copy_average(k=3, n=1)
    certificates = {
        "isolated": gf.certify(problem, one),
        "not isolated": gf.certify(twice, split),
        "by symmetry": gf.certify(reduced.problem, reduced.network),
    }
    return {
        name: json.loads(gf.write_certificate(certificate, folder / "one.json").read_text())
        for name, certificate in certificates.items()
    }


def written(tmp_path, fields):
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(fields))
    return path


KINDS = pytest.mark.parametrize("kind", ["isolated", "not isolated", "by symmetry"])


@KINDS
def test_a_file_as_it_was_written_is_quoted_right(files, tmp_path, kind):
    certificate = gf.read_certificate(written(tmp_path, files[kind]))
    assert certificate.misquoted == ()
    assert gf.verify(certificate).holds


@KINDS
@pytest.mark.parametrize("name", ["says", "reason", "arithmetic", "step", "advice"])
@pytest.mark.parametrize("text", ["certify: a global minimum", ""])
def test_a_text_that_the_certificate_does_not_say_is_named(files, tmp_path, kind, name, text):
    if (files[kind][name] or "") == text:
        text = "exactly one critical point in all of space"
    path = written(tmp_path, files[kind] | {name: text})
    assert gf.verify(path).failed == (name,)
    assert gf.verify(gf.read_certificate(path)).failed == (name,)


@KINDS
@pytest.mark.parametrize("name", ["reason", "arithmetic", "advice", "elsewhere"])
def test_no_text_at_all_is_refused(files, tmp_path, kind, name):
    with pytest.raises(ValueError, match=f"the field '{name}' of the certificate"):
        gf.verify(written(tmp_path, files[kind] | {name: None}))


@KINDS
@pytest.mark.parametrize("name", ["digits", "global_minimum", "Index", "index "])
def test_a_field_that_no_certificate_has_is_refused(files, tmp_path, kind, name):
    with pytest.raises(ValueError, match=f"has a field '{name}', which no certificate has"):
        gf.verify(written(tmp_path, files[kind] | {name: 1}))


@KINDS
@pytest.mark.parametrize("part", ["problem", "given"])
def test_a_field_within_another_is_refused_too(files, tmp_path, kind, part):
    edited = files[kind] | {part: files[kind][part] | {"inputs": "uniform"}}
    with pytest.raises(ValueError, match=rf"has a field '{part}\.inputs', which no certificate has|cannot be read"):
        gf.verify(written(tmp_path, edited))


def test_fields_and_texts_of_the_narrower_certificate_are_looked_at(files, tmp_path):
    whole = files["not isolated"]
    more = whole | {"narrower": whole["narrower"] | {"global_minimum": True}}
    with pytest.raises(ValueError, match=r"narrower.*cannot be read|'narrower\.global_minimum'|'global_minimum'"):
        gf.verify(written(tmp_path, more))
    said = whole | {"narrower": whole["narrower"] | {"says": "certify: a global minimum"}}
    assert gf.verify(written(tmp_path, said)).failed == ("says of the narrower student",)


@pytest.mark.parametrize("version", [True, 1.0, "1", 2, None])
def test_another_version_is_refused(files, tmp_path, version):
    with pytest.raises(ValueError, match="'version' of the certificate"):
        gf.read_certificate(written(tmp_path, files["isolated"] | {"version": version}))


def test_what_a_file_of_the_first_version_says_of_every_dimension_is_proved(files, tmp_path):
    earlier = {name: value for name, value in files["by symmetry"].items() if name != "elsewhere"}
    certificate = gf.read_certificate(written(tmp_path, earlier))
    assert certificate.elsewhere
    assert ("elsewhere", True) in gf.verify(certificate).statements
    for text in ("and in every other universe", f"{earlier['reason']} and in every other d > 2"):
        assert "reason" in gf.verify(written(tmp_path, earlier | {"reason": text})).failed
