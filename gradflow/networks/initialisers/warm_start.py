"""A start at the end of another run."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._digest import digest_of
from gradflow.networks.initialisers.base import AbstractInitialiser, shown, standard_normal
from gradflow.networks.initialisers.glorot_normal import GlorotNormal

if TYPE_CHECKING:
    import jax

    import gradflow

_LINE = "gf.WarmStart('runs/k8/records/k0008-n0004-run0003.npz', noise=0.01)"


class WarmStart(AbstractInitialiser):
    """The final student of a stored run, (W + `noise` · Z, a + `noise` · z) with standard normal entries of Z and z.

    `record` is the path of a record in a sweep's store, or of any .npz file with float64 arrays `weights` (width,
    input) and `output` (width,); it is kept as it is given, so a relative path holds in one working directory. Without
    noise every run starts at the same bits. For more neurons than the record has, its own stand first and the rest are
    the last rows of what `law` (Glorot normal) draws at the larger width, without noise: so a student grows by a
    neuron, and with `law=gf.Scaled(gf.GlorotNormal(), output=0.0)` without changing its function.

    `digest`, the SHA-256 of the two arrays, identifies the student by its content; it is computed if left out. It is
    checked when the law is made and at every draw, so that a file that has changed since is an error, never another
    experiment under the same name.

    Raises `ValueError` for a missing file, one that is no record or whose run crashed, a student with another digest,
    fewer neurons than the record has, and another input dimension.
    """

    record: str
    noise: float
    law: AbstractInitialiser
    digest: str

    def __init__(
        self,
        record: Checked[str | os.PathLike[str]],
        noise: Checked[float] = 0.0,
        law: Checked[AbstractInitialiser | None] = None,
        digest: Checked[str | None] = None,
    ):
        self.record = _checks.record("WarmStart", record, _LINE)
        self.noise = _checks.tolerance("WarmStart", "noise", noise, zero=True, line=_LINE)
        law = GlorotNormal() if law is None else law
        self.law = _checks.instance("WarmStart", "law", law, AbstractInitialiser, "law=gf.GlorotNormal()")
        weights, output = _checks.stored_student("WarmStart", self.record, _LINE)
        line = f"{_LINE} without digest"
        self.digest = (
            digest_of(weights, output) if digest is None else _checks.text("WarmStart", "digest", digest, line)
        )
        _checks.same_student("WarmStart", self.record, digest_of(weights, output), self.digest)

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        import jax
        import jax.numpy as jnp

        from gradflow.networks.two_layer import TwoLayerNetwork

        stored = _checks.stored_student("WarmStart", self.record, _LINE)
        _checks.same_student("WarmStart", self.record, digest_of(*stored), self.digest)
        _checks.room_for("WarmStart", self.record, stored[0].shape, (width, input_dimension))
        weights, output = (jnp.asarray(array) for array in stored)
        first, second, third = jax.random.split(key, 3)
        if self.noise:
            weights = weights + self.noise * standard_normal(first, weights.shape)
            output = output + self.noise * standard_normal(second, output.shape)
        if width > len(weights):
            drawn = self.law(third, width, input_dimension, activation)
            weights = jnp.concatenate([weights, drawn.weights[len(weights) :]])
            output = jnp.concatenate([output, drawn.output[len(output) :]])
        return TwoLayerNetwork(weights, output, activation)

    @property
    def label(self) -> str:
        """The record's name, then what is not the default: "WarmStart k0008-n0004-run0003, noise 0.01"."""
        told = [f"{type(self).__name__} {Path(self.record).stem}"]
        if self.noise:
            told.append(f"noise {shown(self.noise)}")
        if self.law.label != GlorotNormal().label:
            told.append(f"new neurons {self.law.label}")
        return ", ".join(told)
