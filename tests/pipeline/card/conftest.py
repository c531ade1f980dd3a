"""A small but complete model card of synthetic clients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.card.build import NewClients, Newest, Validation, build_card
from pipeline.card.document import ModelCard
from pipeline.evaluation import bands, recalibration
from pipeline.features.dictionary import Feature, FeatureDictionary, Kind, Role
from pipeline.features.store import Origin
from pipeline.model import scale
from pipeline.model.manifest import FILES, BandRange, Manifest, ModelInput, TrainingData
from pipeline.tables.layout import Unit

THRESHOLD = 0.45
CLIENTS = 3000
# A label that would break the page if it were not escaped, and one that needs two lines.
LABELS = {
    "INCOME": ("Revenu <b>&\"annuel\"</b>", "Income <b>&\"yearly\"</b>"),
    "DAYS_BIRTH": ("Âge", "Age"),
    "ACTIVE_AMT_ANNUITY_MAX": (
        "Annuité la plus élevée parmi les crédits en cours dans d'autres établissements",
        "Highest annuity among the running credits with other lenders",
    ),
    "CONTRACT": ("Type de contrat", "Type of contract"),
}  # fmt: skip


def _feature(name: str) -> Feature:
    french, english = LABELS[name]
    return Feature(
        name=name, label_fr=french, label_en=english, kind=Kind.CATEGORY if name == "CONTRACT" else Kind.NUMBER,
        role=Role.APPLICATION, unit=Unit.NONE, source_table="application", missing_rate=0.0, editable=True,
        protected=name == "DAYS_BIRTH",
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_card() -> Callable[..., ModelCard]:
    def make(
        *,
        synthetic: bool = False,
        drifted: float = 0.0,
        new: bool = True,
        absent: tuple[str, ...] = (),
        unfair: bool = False,
        dated: bool = False,
    ) -> Any:
        random = np.random.default_rng(11)
        raw = random.beta(1.2, 10, CLIENTS)
        labels = (random.random(CLIENTS) < raw).astype(int)
        choice = recalibration.choose(labels, raw)
        score = scale.balanced(choice.out_of_fold, float(labels.mean()))
        chosen = bands.choose(labels, score, THRESHOLD)
        dictionary = FeatureDictionary(features=tuple(_feature(name) for name in LABELS))
        inputs = [ModelInput(name=name, feature=name) for name in LABELS if name != "CONTRACT"]
        inputs += [ModelInput(name=f"CONTRACT_{c}", feature="CONTRACT", category=c) for c in ("cash", "card")]
        manifest = Manifest(
            version="3", created_at="2026-01-02T03:04:05Z", inputs=tuple(inputs), dropped_inputs=(),
            deselected_inputs=("SPARE",), feature_contract=dictionary.contract, calibrator=choice.calibrator,
            threshold=THRESHOLD,
            bands=tuple(BandRange(band=b.band, lower=b.lower, upper=b.upper) for b in chosen.bands),
            training_data=TrainingData(
                sha256="d" * 64, rows=CLIENTS, default_rate=float(labels.mean()),
                origin=Origin(synthetic=synthetic, tables=("application_train",)),
            ),
            metrics={}, libraries={"lightgbm": "4.7.0"}, files=dict.fromkeys(FILES, "e" * 64),
        )  # fmt: skip
        table = {
            "INCOME": random.lognormal(10, 1, CLIENTS),
            "DAYS_BIRTH": random.normal(-15_000, 3000, CLIENTS),
            "CONTRACT": random.choice(["cash", "card"], CLIENTS).astype(object),
        }
        current = {name: column[:1000] for name, column in table.items()}
        current["INCOME"] = random.lognormal(10 + drifted, 1, 1000)
        groups = (
            np.where(raw > np.median(raw), "F", "M") if unfair else random.choice(["F", "M"], CLIENTS, p=[0.7, 0.3])
        )
        return build_card(
            manifest,
            dictionary,
            Validation(
                labels=labels,
                probability=choice.out_of_fold,
                uncalibrated=raw,
                folds=np.arange(CLIENTS) % 4,
                groups={"gender": groups},
            ),
            choice,
            {"INCOME": 6.0, "CONTRACT_cash": 2.5, "CONTRACT_card": 1.5},
            new_clients=NewClients(table, current, choice.calibrator.apply(raw[:1000])) if new else None,
            newest=Newest(labels[:500], choice.out_of_fold[:500], "2026-03-31") if dated else None,
            absent_tables=absent,
            resamples=40,
        )

    return make


@pytest.fixture(scope="session")
def card(make_card: Callable[..., ModelCard]) -> ModelCard:
    return make_card(absent=("bureau",), drifted=1.0)
