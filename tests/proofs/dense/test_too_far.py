"""A point that is too far from the critical point: not proved, and where to look instead."""

import numpy as np

import gradflow as gf


def test_where_newtons_method_went_is_certified_instead():
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=8, d=9), width=4)
    exact = gf.copy_average(k=8, n=4).student
    beside = gf.TwoLayerNetwork(np.asarray(exact.weights) + 1e-5, exact.output)
    certificate = gf.certify(problem, beside)
    assert not certificate.proved
    assert certificate.step == "existence"
    assert "would have to move by 6" in certificate.reason
    assert "gf.certify(problem, certificate.student)" in certificate.advice
    assert gf.certify(problem, certificate).proved
    np.testing.assert_allclose(certificate.student.weights, exact.weights, atol=1e-15)


def test_a_point_from_which_newtons_method_does_not_converge_keeps_its_place():
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=8, d=9), width=4)
    exact = gf.copy_average(k=8, n=4).student
    far = gf.TwoLayerNetwork(np.asarray(exact.weights) + 1e-2, exact.output)
    certificate = gf.certify(problem, far)
    assert not certificate.proved
    assert "gf.refine" in certificate.advice
    assert certificate.student is certificate.given
