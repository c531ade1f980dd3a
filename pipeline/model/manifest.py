"""The model manifest: the one place for vector order, threshold, bands and the hashes of the model's files.

A model folder holds ``manifest.json``, ``model.onnx`` (served), ``model.txt`` (the same trees for LightGBM),
``dictionary.json`` and the model card (``card.json``, ``card.fr.html``, ``card.en.html``). Loading checks every hash,
so that a corrupt or mixed folder never serves.
"""

from bisect import bisect_right
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline import folder as folders
from pipeline.features.dictionary import FeatureDictionary, Kind
from pipeline.features.store import Origin, sha256
from pipeline.model import scale
from pipeline.model.calibrator import Calibrator
from services.common.errors import Misconfigured

MANIFEST = folders.MANIFEST
ONNX = "model.onnx"
BOOSTER = "model.txt"
DICTIONARY = "dictionary.json"
CARD = "card.json"
CARD_PAGES = {"fr": "card.fr.html", "en": "card.en.html"}
# What scoring and explaining need; all that `clairscore train` writes.
MODEL_FILES = (ONNX, BOOSTER, DICTIONARY)
FILES = (*MODEL_FILES, CARD, *CARD_PAGES.values())


class Band(StrEnum):
    """The seven risk bands, from the least to the most probable repayment."""

    VERY_HIGH = "very_high"
    HIGH = "high"
    SLIGHTLY_HIGH = "slightly_high"
    MEDIUM = "medium"
    SLIGHTLY_LOW = "slightly_low"
    LOW = "low"
    VERY_LOW = "very_low"


class Decision(StrEnum):
    """What the score proposes; the decision itself is the officer's."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class BandRange(BaseModel):
    """A band of the probability of repayment: ``lower <= p < upper``, the last one including 1."""

    model_config = ConfigDict(frozen=True)

    band: Band
    lower: float = Field(ge=0, le=1)
    upper: float = Field(ge=0, le=1)
    # Share of the band's clients that defaulted, of those that validation held out, with its 95 % interval (0..1);
    # None where the band held nobody.
    default_rate: float | None = None
    default_rate_low: float | None = None
    default_rate_high: float | None = None


class CostOptimum(BaseModel):
    """The acceptance threshold on the probability of repayment that costs least, for comparison with the one in use.

    ``threshold`` is the cheapest on the clients that validation held out, ``low`` to ``high`` its 95 % bootstrap
    interval; ``calibrated`` the cheapest one if every probability is true.
    """

    model_config = ConfigDict(frozen=True)

    # What a missed default costs, in refused good clients.
    cost_ratio: float = Field(gt=0)
    threshold: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    calibrated: float = Field(ge=0, le=1)


class ModelInput(BaseModel):
    """One column of the model's input: a number, or the 0/1 indicator of one category of a feature."""

    model_config = ConfigDict(frozen=True)

    name: str
    feature: str
    category: str | None = None
    # A required input refuses NaN.
    required: bool = False
    # Accepted range, inclusive; outside of it a value cannot be true (a negative income, a share above 1).
    minimum: float | None = None
    maximum: float | None = None


class TrainingData(BaseModel):
    """What the model was trained on."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    rows: int
    # Also the prior of the score's scale.
    default_rate: float = Field(gt=0, lt=1)
    origin: Origin


class Manifest(BaseModel):
    """Everything that a reader of the model must know."""

    model_config = ConfigDict(frozen=True)

    version: str
    created_at: str
    inputs: tuple[ModelInput, ...]
    # Inputs that the features could give, left out because training saw one value only.
    dropped_inputs: tuple[str, ...]
    # Inputs left out because the ranking of the clients does not need them.
    deselected_inputs: tuple[str, ...] = ()
    # Clients whom inputs and hyper-parameters were chosen on, where that was a sample; None: all.
    chosen_on_clients: int | None = None
    feature_contract: str
    # From the trees' probability of default to the expected default rate.
    calibrator: Calibrator
    # On the probability of repayment, on the score's balanced scale.
    threshold: float = Field(gt=0, lt=1)
    cost_optimum: CostOptimum | None = None
    bands: tuple[BandRange, ...]
    training_data: TrainingData
    # Figures by name; ``x_low`` and ``x_high`` are the limits of the 95 % interval of ``x``.
    metrics: dict[str, float]
    libraries: dict[str, str]
    # SHA-256 by file name: of MODEL_FILES, and of whatever else the folder holds.
    files: dict[str, str]

    @model_validator(mode="after")
    def _inputs_are_distinct(self) -> "Manifest":
        names = [i.name for i in self.inputs]
        if not names or len(set(names)) != len(names):
            raise ValueError("inputs must have distinct names")
        return self

    @model_validator(mode="after")
    def _bands_cover_everything(self) -> "Manifest":
        if [b.band for b in self.bands] != list(Band):
            raise ValueError("bands must be the seven of Band, in order")
        edges = [self.bands[0].lower, *(b.upper for b in self.bands)]
        if edges[0] != 0 or edges[-1] != 1 or edges != sorted(set(edges)):
            raise ValueError("band limits must rise from 0 to 1")
        if any(b.lower != a.upper for a, b in zip(self.bands, self.bands[1:], strict=False)):
            raise ValueError("bands must touch")
        if self.threshold not in edges:
            raise ValueError("the threshold must be a limit between bands, or band and decision would disagree")
        return self

    def probabilities(self, raw: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """From the trees' own probabilities of default, shape (n,), to the scores' and to expected default rates.

        Both have shape (n,) and lie in [0, 1]; the first are on the balanced scale that thresholds and bands are on.
        """
        rate = self.calibrator.apply(raw)
        return scale.balanced(rate, self.training_data.default_rate), rate

    def band(self, probability_of_repayment: float) -> Band:
        """The band that a probability of repayment (0..1) falls into."""
        return self.bands[bisect_right(self._inner_limits, probability_of_repayment)].band

    @cached_property
    def _inner_limits(self) -> list[float]:
        return [band.lower for band in self.bands[1:]]

    def decision(self, probability_of_repayment: float) -> Decision:
        """Accept when the probability of repayment (0..1) reaches the threshold."""
        return Decision.ACCEPT if probability_of_repayment >= self.threshold else Decision.REFUSE


def load(folder: Path) -> tuple[Manifest, FeatureDictionary]:
    """Reads and verifies a model folder.

    Raises:
        Misconfigured: a file is missing, unreadable, or not the one that the manifest describes; names it.
    """
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise Misconfigured(f"{folder / MANIFEST} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise Misconfigured(
            f"{folder / MANIFEST} is not a valid model manifest: {_fault(error)}. "
            "If an earlier version of Clairscore trained it, train it again."
        ) from error
    for name in {**dict.fromkeys(MODEL_FILES), **manifest.files}:
        file = folder / name
        if not file.is_file():
            raise Misconfigured(f"{file} is missing")
        if sha256(file) != manifest.files.get(name):
            raise Misconfigured(f"{file} is not the file that {MANIFEST} describes: its SHA-256 differs")
    try:
        dictionary = FeatureDictionary.model_validate_json((folder / DICTIONARY).read_bytes())
    except ValidationError as error:
        raise Misconfigured(f"{folder / DICTIONARY} is not a valid feature dictionary") from error
    if dictionary.contract != manifest.feature_contract:
        raise Misconfigured(f"{folder / DICTIONARY} has another feature contract than {MANIFEST}")
    unknown = [i.name for i in manifest.inputs if not _comes_from(i, dictionary)]
    if unknown:
        raise Misconfigured(f"{folder / MANIFEST} has inputs that {DICTIONARY} does not know: {', '.join(unknown)}")
    return manifest, dictionary


def _fault(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def _comes_from(model_input: ModelInput, dictionary: FeatureDictionary) -> bool:
    feature = dictionary.by_name.get(model_input.feature)
    if feature is None:
        return False
    if model_input.category is None:
        return feature.kind is Kind.NUMBER
    return model_input.category in {c.value for c in feature.categories}
