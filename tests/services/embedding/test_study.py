"""The published study: none, one, another one, one that is damaged."""

from pathlib import Path

import pytest
from support.study import small_study

from pipeline.products.study.document import DOCUMENT, Study
from services.common.errors import FailedPrecondition, Misconfigured
from services.embedding.study import PublishedStudy


def test_says_how_when_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="clairscore benchmark-embeddings"):
        PublishedStudy(tmp_path / "study").document()


def test_another_study_takes_the_place_of_the_first(tmp_path: Path) -> None:
    published = PublishedStudy(tmp_path)
    for seconds in (1.0, 2.0):
        aside = tmp_path / "aside"
        aside.write_text(small_study().model_copy(update={"seconds": seconds}).model_dump_json(), encoding="utf-8")
        aside.rename(tmp_path / DOCUMENT)

        assert Study.model_validate_json(published.document()).seconds == seconds


def test_a_damaged_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / DOCUMENT).write_text("{}", encoding="utf-8")

    with pytest.raises(Misconfigured, match=DOCUMENT):
        PublishedStudy(tmp_path).document()
