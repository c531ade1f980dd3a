import numpy as np
import pyarrow as pa
import pytest

from pipeline.features.store import ID
from services.explain.portfolio import parts
from services.explain.portfolio.cohort import Cohort
from services.explain.portfolio.neighbours import Neighbours
from services.explain.portfolio.parts import Parts


def _write(folder, vectors, accepted):
    """Parts of such clients, with what a search needs."""
    for number, start in enumerate(range(0, len(vectors), 25_000)):
        block = slice(start, start + 25_000)
        columns = {
            ID: np.arange(len(vectors))[block] + 1,
            "probability_of_repayment": np.linspace(0, 1, len(vectors))[block],
            "decision": np.where(accepted, "accept", "refuse")[block].tolist(),
        }
        columns |= {
            parts.contribution_of(str(k)): vectors[block, k].astype(np.float32) for k in range(vectors.shape[1])
        }
        parts.write(folder, number, pa.table(columns))
    return Parts(folder), [str(k) for k in range(vectors.shape[1])]


@pytest.mark.parametrize("accepted", [True, False, None])
@pytest.mark.parametrize("place", [0, 200, 399])
def test_the_nearest_are_those_of_brute_force(portfolio, clients, contributions, place, accepted):
    everybody = portfolio.read(portfolio.select(Cohort()), [ID, "decision", "probability_of_repayment"])
    chosen = np.ones(400, bool)
    if accepted is not None:
        chosen = np.array(everybody["decision"].to_pylist()) == ("accept" if accepted else "refuse")
    own = contributions[place].astype(float)
    distance = np.sqrt(((contributions.astype(float) - own) ** 2).sum(axis=1))
    ids = everybody[ID].to_numpy()
    chosen &= ids != ids[place]
    expected = np.flatnonzero(chosen)[np.argsort(distance[chosen])[:8]]
    found = portfolio.neighbours.nearest(own, 8, accepted, exclude=int(ids[place]))
    assert not portfolio.neighbours.approximate
    assert [n.sk_id_curr for n in found] == ids[expected].tolist()
    np.testing.assert_allclose([n.distance for n in found], distance[expected], rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(
        [n.probability_of_repayment for n in found], everybody["probability_of_repayment"].to_numpy()[expected]
    )
    assert portfolio.neighbours.nearest(own, 1)[0].distance == pytest.approx(0, abs=1e-4)


def test_more_than_there_are(tmp_path):
    found = Neighbours.build(*_write(tmp_path, np.eye(3), np.array([True, True, True])))
    assert [n.sk_id_curr for n in found.nearest(np.zeros(3), 10)] == [1, 2, 3]
    assert found.nearest(np.zeros(3), 10, accepted=False) == []
    assert [n.sk_id_curr for n in found.nearest(np.zeros(3), 10, exclude=2)] == [1, 3]


def test_plausibility_is_the_share_of_more_remote_clients(portfolio, contributions):
    values = contributions.astype(float)
    distances = np.sqrt(((values[:, None] - values[None]) ** 2).sum(axis=2))
    usual = np.sort(distances, axis=1)[:, 1:6].mean(axis=1)
    ids = range(100_001, 100_401)
    for place in range(0, 400, 40):
        found = portfolio.neighbours.plausibility(values[place], exclude=ids[place])
        assert found == pytest.approx((usual > usual[place] * (1 + 1e-5)).mean(), abs=0.006)
    assert portfolio.neighbours.plausibility(values[0] + 100) == 0
    assert portfolio.neighbours.plausibility(values[0]) >= portfolio.neighbours.plausibility(values[0], ids[0])


def test_a_large_portfolio_is_searched_through_an_index(tmp_path):
    """Contributions lie near few directions, unevenly: the index misses hardly any of the true neighbours."""
    random = np.random.default_rng(0)
    vectors = random.gamma(0.5, 1, (60_000, 6)) @ random.normal(size=(6, 24)) + random.normal(0, 0.05, (60_000, 24))
    accepted = np.arange(len(vectors)) % 10 != 0
    built = Neighbours.build(*_write(tmp_path, vectors, accepted))
    assert built.approximate
    built.save(tmp_path)
    found = Neighbours.load(tmp_path)
    assert found.approximate
    hits = 0
    for place in range(0, 60_000, 1200):
        distance = ((vectors[accepted] - vectors[place]) ** 2).sum(axis=1)
        nearest = np.flatnonzero(accepted)[np.argsort(distance)[:10]] + 1
        answer = found.nearest(vectors[place], 10, accepted=True)
        assert answer == built.nearest(vectors[place], 10, accepted=True)
        hits += len({n.sk_id_curr for n in answer} & set(nearest.tolist()))
    assert hits / 500 >= 0.98
    # The refused are few: every one is looked at.
    refused = vectors[~accepted]
    nearest = np.flatnonzero(~accepted)[np.argsort(((refused - vectors[7]) ** 2).sum(axis=1))[:10]] + 1
    assert [n.sk_id_curr for n in found.nearest(vectors[7], 10, accepted=False)] == nearest.tolist()
