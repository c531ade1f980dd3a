"""What the scorer does without any transport; agreement with LightGBM and over the wire is tested in contract/."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.models import train_tiny_model

from pipeline.model.manifest import Band, Decision
from pipeline.model.runtime import ScoringModel
from services.common.errors import InvalidInput
from services.scoring.scorer import Scorer, concatenate


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    folder: Path = train_tiny_model(tmp_path_factory.mktemp("model"))
    return Scorer(ScoringModel.load(folder))


@pytest.fixture(scope="module")
def block(scorer):
    """Rows in the accepted ranges."""
    random = np.random.default_rng(0)
    inputs = scorer.manifest.inputs
    lower = np.array([i.minimum if i.minimum is not None else (i.maximum or 0.0) - 1000 for i in inputs])
    upper = np.array([i.maximum if i.maximum is not None else (i.minimum or 0.0) + 1000 for i in inputs])
    return random.uniform(lower, upper, (600, len(inputs))).astype(np.float32)


def test_a_block_scores_like_its_rows(scorer, block):
    scores = scorer.block(block)
    for row in range(50):
        score = scorer.vector(block[row : row + 1])
        assert score.probability_of_default == scores.probability_of_default[row]
        assert score.expected_default_rate == scores.expected_default_rate[row]
        assert score.band == list(Band)[scores.band[row]]
        assert (score.decision is Decision.ACCEPT) == scores.accepted[row]


@given(st.floats(0, 1))
def test_a_block_is_banded_and_decided_as_the_manifest_says(scorer, repayment):
    class Fixed:
        def probabilities(self, matrix):
            return np.array([1.0 - repayment]), np.array([0.1])

    of_model, scorer.model = scorer.model, Fixed()
    try:
        scores = scorer.block(np.zeros((1, 1), dtype=np.float32))
    finally:
        scorer.model = of_model
    answered = scores.probability_of_repayment[0]
    assert list(Band)[scores.band[0]] == scorer.manifest.band(answered)
    assert scores.accepted[0] == (scorer.manifest.decision(answered) is Decision.ACCEPT)


def test_a_faulty_row_is_named_by_its_place_in_the_block(scorer, block):
    faulty = block.copy()
    column = [i.name for i in scorer.manifest.inputs].index("AMT_CREDIT")
    faulty[[300, 301], column] = [np.inf, np.nan]
    with pytest.raises(InvalidInput) as refused:
        scorer.validate_block(faulty)
    assert [v.field for v in refused.value.violations] == ["rows[300].AMT_CREDIT", "rows[301].AMT_CREDIT"]


def test_a_hopeless_block_does_not_name_a_million_faults(scorer, block):
    with pytest.raises(InvalidInput) as refused:
        scorer.validate_block(np.full_like(block, np.inf))
    assert len(refused.value.violations) <= 256 * block.shape[1]


def test_joined_chunks_are_the_block(scorer, block):
    whole = scorer.block(block)
    joined = concatenate([scorer.block(block[:100]), scorer.block(block[100:])])
    np.testing.assert_array_equal(joined.probability_of_default, whole.probability_of_default)
    np.testing.assert_array_equal(joined.band, whole.band)
    np.testing.assert_array_equal(joined.accepted, whole.accepted)
