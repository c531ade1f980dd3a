import numpy as np
import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from pipeline.progress import silent
from pipeline.training import search as module
from pipeline.training.boosting import HYPER_PARAMETERS, Recipe
from pipeline.training.search import Budget, search

RECIPE = Recipe(trees=10, threads=1)


@pytest.fixture(scope="module")
def clients():
    random = np.random.default_rng(0)
    matrix = random.normal(size=(400, 5)).astype(np.float32)
    return matrix, (random.random(400) < 1 / (1 + np.exp(1 - matrix[:, 0]))).astype(np.int8)


def run(clients, journal, trials, *, data="a", seconds=600.0, progress=silent):
    return search(*clients, RECIPE, Budget(trials, seconds), journal=journal, data=data, progress=progress)


def trials(journal):
    storage = JournalStorage(JournalFileBackend(str(journal)))
    return [trial for study in storage.get_all_studies() for trial in storage.get_all_trials(study._study_id)]


def test_the_stored_hyper_parameters_are_tried_first_and_never_beaten_by_worse(clients, tmp_path):
    found = run(clients, tmp_path / "journal", 4)
    tried = trials(tmp_path / "journal")
    assert len(tried) == 4
    assert tried[0].params == dict(HYPER_PARAMETERS)
    best = min(tried, key=lambda trial: trial.value)
    assert found == best.params
    assert set(found) == set(HYPER_PARAMETERS)


def test_what_was_tried_is_not_tried_again(clients, tmp_path, monkeypatch):
    first = run(clients, tmp_path / "journal", 3)
    monkeypatch.setattr(module.validation, "cross_validate", lambda *_, **__: pytest.fail("was tried before"))
    assert run(clients, tmp_path / "journal", 3) == first


def test_a_larger_budget_goes_on_with_other_trials(clients, tmp_path):
    run(clients, tmp_path / "journal", 2)
    run(clients, tmp_path / "journal", 4)
    tried = [tuple(sorted(trial.params.items())) for trial in trials(tmp_path / "journal")]
    assert len(tried) == len(set(tried)) == 4


def test_an_interrupted_trial_is_not_counted(clients, tmp_path):
    def interrupt(step, done):
        if done > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(clients, tmp_path / "journal", 2, progress=interrupt)
    run(clients, tmp_path / "journal", 2)
    finished = [t for t in trials(tmp_path / "journal") if t.state is optuna.trial.TrialState.COMPLETE]
    assert len(finished) == 2


def test_of_many_clients_a_sample_is_searched_on(clients, tmp_path, monkeypatch):
    monkeypatch.setattr(module.validation, "SAMPLE", 150)
    sizes = []
    real = module.validation.cross_validate
    monkeypatch.setattr(
        module.validation,
        "cross_validate",
        lambda m, t, *a, **k: sizes.append((m.shape, len(t))) or real(m, t, *a, **k),
    )
    run(clients, tmp_path / "journal", 2)
    assert sizes == [((150, 5), 150)] * 2
    monkeypatch.undo()
    run(clients, tmp_path / "journal", 2)
    assert len(trials(tmp_path / "journal")) == 4


def test_other_data_is_searched_anew(clients, tmp_path):
    run(clients, tmp_path / "journal", 2)
    run(clients, tmp_path / "journal", 2, data="b")
    assert len(trials(tmp_path / "journal")) == 4


def test_no_trial_begins_after_the_time(clients, tmp_path):
    run(clients, tmp_path / "journal", 50, seconds=0.01)
    assert len(trials(tmp_path / "journal")) == 1


def test_progress_is_of_the_whole_budget(clients, tmp_path):
    heard = []
    run(clients, tmp_path / "journal", 2, progress=lambda step, done: heard.append(done))
    assert heard == sorted(heard)
    assert 0.5 in [round(done, 1) for done in heard]
    assert heard[-1] == 1
