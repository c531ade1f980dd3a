import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.explain.counterfactual.restricted import RestrictedTrees


@settings(max_examples=50)
@given(client=st.integers(0, 399), other=st.integers(0, 399), chosen=st.sets(st.integers(0, 10_000), max_size=60))
def test_margins_are_those_of_the_whole_trees(explainer, matrix, client, other, chosen):
    columns = np.array(sorted({k % matrix.shape[1] for k in chosen}), np.intp)
    trees = RestrictedTrees(explainer.ensemble, matrix[client : client + 1], columns)
    versions = np.repeat(matrix[client : client + 1], 20, axis=0)
    versions[:, columns] = matrix[(other + np.arange(20)) % len(matrix)][:, columns]
    margins = trees.margins(np.ascontiguousarray(versions[:, columns]))
    np.testing.assert_allclose(margins, explainer.margins(versions), atol=1e-12, rtol=0)


def test_only_inputs_that_a_condition_reads_are_read(explainer, matrix):
    """To change any other input changes nothing."""
    columns = np.arange(matrix.shape[1])
    trees = RestrictedTrees(explainer.ensemble, matrix[:1], columns)
    unread = np.setdiff1d(columns, trees.read)
    changed = matrix[:1].copy()
    changed[:, unread] = 12_345
    assert len(unread)
    assert trees.margins(changed) == trees.margins(matrix[:1])
