import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.models import write_tiny_features

from pipeline.features import store
from pipeline.training import dataset
from services.common.errors import InvalidInput


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_tiny_features(tmp_path_factory.mktemp("features") / "f.parquet", clients=90)


@pytest.fixture
def folder(file, tmp_path):
    """The same clients as a features folder of three parts."""
    table = pq.read_table(file)
    folder = tmp_path / "features"
    folder.mkdir()
    pq.write_metadata(table.schema, folder / store.COMMON_METADATA)
    for number in range(3):
        pq.write_table(table[number * 30 : number * 30 + 30], folder / f"part-{number:05d}.parquet")
    return folder


def test_a_folder_has_the_header_of_the_file(file, folder):
    assert store.read_header(folder) == store.read_header(file)


def test_a_folder_has_the_rows_of_the_file_in_their_order(file, folder):
    expected = pq.read_table(file, columns=["SK_ID_CURR", "AMT_CREDIT"])
    with store.Reader(folder) as reader:
        assert reader.num_rows == 90
        assert reader.schema.names == store.Reader(file).schema.names
        blocks = list(reader.iter_batches(16, ["SK_ID_CURR", "AMT_CREDIT"]))
    assert max(block.num_rows for block in blocks) <= 16
    assert pa.Table.from_batches(blocks).equals(expected.replace_schema_metadata(blocks[0].schema.metadata))


def test_a_model_trains_on_a_folder_as_on_the_file(file, folder):
    found, expected = dataset.read(folder, folds=2), dataset.read(file, folds=2)
    assert found.matrix.tobytes() == expected.matrix.tobytes()
    assert found.target.tolist() == expected.target.tolist()


def test_the_hash_of_a_folder_follows_every_file_in_it(folder):
    before = store.sha256(folder)
    assert store.sha256(folder) == before
    first, second = folder / "part-00000.parquet", folder / "part-00001.parquet"
    first.rename(folder / "aside")
    second.rename(first)
    (folder / "aside").rename(second)
    assert store.sha256(folder) != before


@pytest.mark.parametrize("fault", ["no part", "no metadata", "broken part"])
def test_an_incomplete_folder_is_refused(folder, fault):
    if fault == "no part":
        for part in folder.glob("part-*"):
            part.unlink()
    elif fault == "no metadata":
        (folder / store.COMMON_METADATA).unlink()
    else:
        (folder / "part-00001.parquet").write_bytes(b"PAR1")
    with pytest.raises(InvalidInput, match=str(folder)):
        _open(folder)


def _open(folder):
    store.read_header(folder)
    store.Reader(folder)
