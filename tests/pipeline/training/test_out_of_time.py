from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.models import FOR_FEW

from pipeline.card.document import LimitCode, ModelCard
from pipeline.model.manifest import CARD
from pipeline.training.dataset import read
from pipeline.training.out_of_time import newest, read_dates, split
from pipeline.training.train import train
from services.common.errors import InvalidInput

IDS = np.array([100, 101, 102, 103, 104])


def _csv(tmp_path, text):
    file = tmp_path / "dates.csv"
    file.write_text(text)
    return file


def _dates(ids, first="2020-01-01"):
    return np.datetime64(first) + np.arange(len(ids))


def test_dates_follow_the_clients_whatever_the_order_of_the_file(tmp_path):
    text = "SK_ID_CURR,applied\n102,2020-01-03\n100,2020-01-01\n999,1999-01-01\n101,2020-01-02\n"
    dates = read_dates(_csv(tmp_path, text), IDS[:3])
    np.testing.assert_array_equal(dates, np.array(["2020-01-01", "2020-01-02", "2020-01-03"], "datetime64[s]"))


def test_parquet_is_read_too(tmp_path):
    table = pa.table({"day": pa.array(_dates(IDS)), "SK_ID_CURR": pa.array(IDS)})
    pq.write_table(table, tmp_path / "dates.parquet")
    np.testing.assert_array_equal(read_dates(tmp_path / "dates.parquet", IDS), _dates(IDS))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SK_ID_CURR\n100\n", "must have the columns SK_ID_CURR and one of dates"),
        ("client,applied\n100,2020-01-01\n", "must have the columns"),
        ("SK_ID_CURR,applied,other\n100,2020-01-01,1\n", "must have the columns"),
        ("SK_ID_CURR,applied\n100,yesterday\n", "applied: must hold dates such as"),
        ("SK_ID_CURR,applied\n100,2020-01-01\n100,2020-01-02\n", "must name each client once"),
        ("SK_ID_CURR,applied\n100,2020-01-01\n", "is missing for 4 labelled clients, such as 101, 102, 103, 104"),
        ("", "not a readable"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path, text, why):
    with pytest.raises(InvalidInput, match=why):
        read_dates(_csv(tmp_path, text), IDS)


def test_no_file_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"nowhere\.csv: is not a readable"):
        read_dates(tmp_path / "nowhere.csv", IDS)


def test_the_newest_fifth_applied_last():
    dates = np.datetime64("2020-01-01") + np.array([5, 1, 9, 3, 7, 0, 2, 8, 4, 6])
    np.testing.assert_array_equal(newest(dates, "f"), dates > np.datetime64("2020-01-08"))


def test_applications_of_one_date_stay_together():
    days = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(newest(np.datetime64("2020-01-01") + days, "f"), days == 1)
    with pytest.raises(InvalidInput, match="nothing is older or newer"):
        newest(np.full(5, np.datetime64("2020-01-01")), "f")


def test_a_side_without_both_outcomes_is_refused(tiny_features, tmp_path):
    data = read(tiny_features, folds=2)
    lines = [f"{client},{day}" for client, day in zip(data.ids, _dates(data.ids), strict=True)]
    file = _csv(tmp_path, "\n".join(["SK_ID_CURR,applied", *lines]))
    found = split(file, data, folds=2)
    assert found.newest.sum() == 72
    assert found.trained_until == str(_dates(data.ids)[~found.newest].max())
    repaid = replace(data, target=np.where(found.newest, 0, data.target).astype(np.int8))
    with pytest.raises(InvalidInput, match="0 defaults among the 72 newest clients"):
        split(file, repaid, folds=2)


def test_the_card_has_the_figures_of_the_newest(tiny_features, tmp_path):
    data = read(tiny_features, folds=2)
    table = pa.table({"SK_ID_CURR": data.ids, "applied": _dates(data.ids)})
    pq.write_table(table, tmp_path / "dates.parquet")
    out = tmp_path / "model"
    dates = tmp_path / "dates.parquet"
    manifest = train(
        tiny_features, out, folds=2, trees=10, threads=1, tolerance=None, hyper_parameters=FOR_FEW, dates=dates
    )
    card = ModelCard.model_validate_json((out / CARD).read_text())
    assert card.out_of_time is not None
    assert card.out_of_time.clients == 72
    assert card.out_of_time.default_rate.value == pytest.approx(data.target[-72:].mean())
    assert manifest.metrics["out_of_time_roc_auc"] == card.out_of_time.roc_auc.value > 0.5
    assert LimitCode.NOT_OUT_OF_TIME not in {limit.code for limit in card.limits}
    assert "Hors du temps" in (out / "card.fr.html").read_text()
    # The published model learned from everyone all the same.
    assert manifest.training_data.rows == 360
