"""A published model, loaded and verified, ready to score."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from pipeline.features.dictionary import FeatureDictionary
from pipeline.model import manifest as model_folder
from pipeline.model.encoding import Encoder, Matrix
from pipeline.model.manifest import ONNX, Manifest
from pipeline.model.validation import RecordValidator, VectorValidator
from services.common.errors import Misconfigured

INPUT = "input"
OUTPUT = "probabilities"


class ScoringModel:
    """Gives probabilities of default. Safe to call from several threads at once."""

    def __init__(self, manifest: Manifest, dictionary: FeatureDictionary, session: ort.InferenceSession) -> None:
        self.manifest = manifest
        self.dictionary = dictionary
        self.encoder = Encoder(manifest.inputs, dictionary)
        self.records = RecordValidator(dictionary)
        self.vectors = VectorValidator(manifest.inputs)
        self._session = session

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> "ScoringModel":
        """Verifies a model folder and scores one row of missing values with it.

        Args:
            folder: as ``clairscore train`` writes it.
            threads: threads that one call may use.

        Raises:
            Misconfigured: a file is missing, changed or foreign, or the ONNX file does not give one probability for
                each row of the manifest's inputs; names the file.
        """
        manifest, dictionary = model_folder.load(folder)
        file = folder / ONNX
        try:
            session = ort.InferenceSession(file, _options(threads), providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions share no base class
            raise Misconfigured(f"{file} is not a model that onnxruntime can load") from error
        width = len(manifest.inputs)
        inputs = [(i.name, i.type, i.shape[1:]) for i in session.get_inputs()]
        if inputs != [(INPUT, "tensor(float)", [width])]:
            raise Misconfigured(f"{file} must have one float input {INPUT!r} of width {width}, but has {inputs}")
        if OUTPUT not in [o.name for o in session.get_outputs()]:
            raise Misconfigured(f"{file} has no output {OUTPUT!r}")
        model = cls(manifest, dictionary, session)
        try:
            warm = model.raw(np.full((1, width), np.nan, dtype=np.float32))
        except Exception as error:
            raise Misconfigured(f"{file} does not score") from error
        if warm.shape != (1,) or not 0 <= warm[0] <= 1:
            raise Misconfigured(f"{file} does not give a probability")
        return model

    def raw(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """The trees' own probabilities of default of rows of shape (n, inputs), NaN meaning missing; shape (n,).

        Neither calibrated nor on the score's scale: to compare with LightGBM.
        """
        (probabilities,) = self._session.run([OUTPUT], {INPUT: matrix})
        default: npt.NDArray[np.float64] = probabilities[:, 1].astype(np.float64)
        return default

    def probabilities(self, matrix: Matrix) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Scores rows of shape (n, inputs), NaN meaning missing; returns two arrays of shape (n,), each in [0, 1].

        First the probability of default on the scale of threshold and bands (balanced classes, ADR 2), then the
        expected default rate: the share of such clients that defaults.
        """
        return self.manifest.probabilities(self.raw(matrix))

    def probability_of_default(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """The first of ``probabilities``: on the scale of threshold and bands."""
        return self.probabilities(matrix)[0]

    def expected_default_rate(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """The second of ``probabilities``: the share of such clients that defaults."""
        return self.probabilities(matrix)[1]


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # Spinning threads would burn the cores that the gRPC server needs between two calls.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A folder that does not load is reported once, by our own error.
    options.log_severity_level = 4
    return options
