"""WarmStart: a stored student, its bits, its neighbourhood, and what is no student."""

import json
import zipfile

import jax
import numpy as np
import pytest

import gradflow as gf

WEIGHTS = np.array([[1.0, -0.0, 0.25, 3.0], [0.1, 0.2, 0.3, -0.4]])
OUTPUT = np.array([2.0, -0.7])


@pytest.fixture
def record(tmp_path):
    """A student of two neurons in four dimensions, in the layout of a record."""
    return stored(tmp_path / "student.npz")


def stored(path, weights=WEIGHTS, output=OUTPUT, **more):
    np.savez(path, weights=weights, output=output, **more)
    return path


def drawn(law, width=2, seed=0):
    return law(jax.random.key(seed), width, 4, gf.Erf())


def test_without_noise_every_key_gives_the_stored_bits(record):
    for seed in (0, 1):
        student = drawn(gf.WarmStart(record), seed=seed)
        assert np.asarray(student.weights).tobytes() == WEIGHTS.tobytes()
        assert np.asarray(student.output).tobytes() == OUTPUT.tobytes()
        assert student.activation == gf.Erf()


def test_noise_has_its_standard_deviation_in_every_entry_and_is_paired_by_the_key(record):
    law = gf.WarmStart(record, noise=0.5)
    many = jax.vmap(lambda key: law(key, 2, 4, gf.Erf()))(jax.random.split(jax.random.key(0), 4000))
    noise = np.concatenate(
        [np.asarray(many.weights) - WEIGHTS, np.asarray(many.output)[..., None] - OUTPUT[:, None]], 2
    )
    # 4,000 numbers an entry: mean and deviation to five of their standard errors
    assert np.max(np.abs(noise.mean(axis=0))) <= 5 * 0.5 / np.sqrt(4000)
    assert np.max(np.abs(noise.std(axis=0) / 0.5 - 1)) <= 5 / np.sqrt(2 * 4000)
    entries = noise.reshape(4000, -1)
    assert np.max(np.abs(np.corrcoef(entries.T) - np.eye(10))) <= 5 / np.sqrt(4000)
    half = drawn(gf.WarmStart(record, noise=0.25), seed=7)
    full = drawn(law, seed=7)
    np.testing.assert_allclose(2 * (np.asarray(half.weights) - WEIGHTS), np.asarray(full.weights) - WEIGHTS, atol=1e-15)


def test_a_student_grows_by_neurons_of_the_law_at_the_larger_width(record):
    student = drawn(gf.WarmStart(record), width=5)
    np.testing.assert_array_equal(student.weights[:2], WEIGHTS)
    np.testing.assert_array_equal(student.output[:2], OUTPUT)
    grown = [drawn(gf.WarmStart(record, law=gf.UnitSphere(output=3.0)), width=5, seed=seed) for seed in (0, 1)]
    for one in grown:
        np.testing.assert_allclose(np.linalg.norm(one.weights[2:], axis=1), 1, rtol=4e-16)
        np.testing.assert_array_equal(one.output[2:], 3.0)
    assert np.all(np.asarray(grown[0].weights[2:]) != np.asarray(grown[1].weights[2:]))


def test_neurons_added_with_output_weight_zero_leave_the_function_as_it_is(record):
    grown = drawn(gf.WarmStart(record, law=gf.Scaled(gf.GlorotNormal(), output=0.0)), width=3)
    inputs = np.linspace(-2, 2, 12).reshape(3, 4)
    np.testing.assert_allclose(grown(inputs), gf.TwoLayerNetwork(WEIGHTS, OUTPUT)(inputs), rtol=0, atol=1e-15)


@pytest.mark.slow
def test_added_neurons_are_independent_of_the_noise(record):
    law = gf.WarmStart(record, noise=1.0)
    many = jax.vmap(lambda key: law(key, 4, 4, gf.Erf()).weights)(jax.random.split(jax.random.key(0), 2000))
    entries = np.asarray(many).reshape(2000, -1)
    assert np.max(np.abs(np.corrcoef(entries.T) - np.eye(16))) <= 5 / np.sqrt(2000)


def test_the_label_is_the_record_s_name_and_what_is_not_the_default(record):
    assert gf.WarmStart(record).label == "WarmStart student"
    law = gf.WarmStart(record, noise=0.01, law=gf.Scaled(gf.GlorotNormal(), output=0.0))
    assert law.label == "WarmStart student, noise 0.01, new neurons GlorotNormal, a × 0"
    assert gf.Scaled(gf.WarmStart(record), weights=0.5).label == "WarmStart student, W × 0.5"


def test_a_digest_is_of_the_content_alone(record, tmp_path):
    same = stored(tmp_path / "other.npz", times=np.arange(3.0))
    other = stored(tmp_path / "another.npz", output=np.nextafter(OUTPUT, 3))
    laws = [gf.WarmStart(path) for path in (record, same, other)]
    assert laws[0].digest == laws[1].digest != laws[2].digest
    # hashlib.sha256(b"<f8(2, 4)" + WEIGHTS.tobytes() + b"<f8(2,)" + OUTPUT.tobytes()).hexdigest()
    assert laws[0].digest == "91047798de781d027eedb095422db201ae15eec932e0c66d4729c775be3e048f"


def test_a_file_that_has_changed_is_an_error_when_the_law_is_made_again_and_when_it_draws(record):
    law = gf.WarmStart(record)
    stored(record, output=OUTPUT + 1)
    for use in (lambda: gf.WarmStart(record, digest=law.digest), lambda: drawn(law)):
        with pytest.raises(ValueError, match=r"student\.npz' holds another student .* expected '91047798"):
            use()


@pytest.mark.parametrize(
    ("width", "dimension", "message"),
    [(1, 4, "has 2 neurons and cannot shrink to 1"), (2, 5, "has input dimension 4, asked for 5. Write d=4")],
)
def test_a_student_neither_shrinks_nor_changes_its_input_dimension(record, width, dimension, message):
    with pytest.raises(ValueError, match=message):
        gf.WarmStart(record)(jax.random.key(0), width, dimension, gf.Erf())


def no_zip(path):
    path.write_text("no record")


def damaged(path):
    stored(path)
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)


def crashed(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps({"result": "crashed"}))


@pytest.mark.parametrize(
    ("write", "error", "message"),
    [
        (lambda path: None, ValueError, "there is no file .*student.npz'. Write gf.WarmStart"),
        (lambda path: path.mkdir(), ValueError, "cannot be read as a record"),
        (lambda path: path.write_bytes(b""), ValueError, "cannot be read as a record"),
        (no_zip, ValueError, "cannot be read as a record"),
        (damaged, ValueError, "cannot be read as a record"),
        (crashed, ValueError, "no record of a run, or that of one that crashed"),
        (lambda path: stored(path, output=np.array([1.0, np.nan])), ValueError, "output must be finite, got nan"),
        (lambda path: stored(path, output=np.ones(3)), ValueError, "weights must have shape"),
        (lambda path: stored(path, weights=WEIGHTS.astype(np.float32)), TypeError, "weights must be float64"),
        (lambda path: stored(path, weights=np.array([None])), ValueError, "cannot be read as a record"),
    ],
)
def test_a_file_that_holds_no_student_is_refused(tmp_path, write, error, message):
    path = tmp_path / "student.npz"
    write(path)
    with pytest.raises(error, match=message):
        gf.WarmStart(path)


def test_a_single_array_is_no_record(tmp_path):
    np.save(tmp_path / "weights.npy", WEIGHTS)
    with pytest.raises(ValueError, match="cannot be read as a record"):
        gf.WarmStart(tmp_path / "weights.npy")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"record": 3}, TypeError, "record must be a path, got 3. Write gf.WarmStart"),
        ({"noise": -0.1}, ValueError, "noise must be a finite number that is not negative, got -0.1. Write gf.Warm"),
        ({"noise": np.nan}, ValueError, "noise must be a finite number"),
        ({"law": gf.UnitSphere}, TypeError, "law must be AbstractInitialiser, got the class UnitSphere"),
    ],
)
def test_wrong_arguments_are_refused(record, arguments, error, message):
    with pytest.raises(error, match=message):
        gf.WarmStart(**({"record": record} | arguments))
