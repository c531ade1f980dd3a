import numpy as np
import pytest

from pipeline.evaluation.sample import accepted, checked
from services.common.errors import InvalidInput


@pytest.mark.parametrize(
    ("labels", "probability", "message"),
    [
        ([0, 1], [0.5], "one label for each probability"),
        ([], [], "at least one"),
        ([0, 2, 1], [0.1, 0.2, 0.3], "1 of 3 are neither 0"),
        ([0, np.nan], [0.1, 0.2], "1 of 2 are neither 0"),
        ([0, 1], [0.1, 1.2], "1 of 2 are missing or outside"),
        ([0, 1], [np.nan, -1], "2 of 2 are missing or outside"),
    ],
)
def test_faults_are_named_and_counted(labels: list[float], probability: list[float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        checked(np.array(labels), np.array(probability))


def test_every_fault_is_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(np.array([3, 1]), np.array([0.1, 7]))
    assert [v.field for v in caught.value.violations] == ["labels", "probability"]


def test_acceptance_includes_the_threshold() -> None:
    assert accepted(np.array([0.5, 0.51, 0.49]), 0.5).tolist() == [True, False, True]
