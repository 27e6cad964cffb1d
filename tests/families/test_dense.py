"""Both families' spectra against the dense Hessian, for every 2 ≤ n < k ≤ 16."""

import numpy as np
import pytest

import gradflow as gf
from gradflow.problems import evaluation

K = 16


@pytest.mark.slow
@pytest.mark.parametrize("k", range(3, K + 1))
def test_the_spectra_agree_with_the_dense_hessian_to_1e_12(k):
    # teachers of output weight 0 and dead students are padding: one shape is compiled for all k and n
    output = np.concatenate([np.ones(k), np.zeros(K - k)])
    teacher = gf.TwoLayerNetwork(np.eye(K, K + 1), output)
    for n in range(2, k):
        problem = gf.TeacherStudent(teacher, width=n, padded_width=K)
        for family in (gf.copy_average, gf.perturbed_n_copy):
            point = family(k, n, d=K + 1)
            matrix = np.asarray(evaluation.hessian(problem, point.student)[0])
            expected = np.linalg.eigvalsh(matrix)
            assert expected.size == point.spectrum.size
            np.testing.assert_allclose(point.spectrum.repeated(), expected, rtol=0, atol=1e-12)
