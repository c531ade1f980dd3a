"""From texts to vectors, with onnxruntime and tokenizers alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Tokenizer

from pipeline.embedding import manifest as exported
from pipeline.embedding.manifest import ONNX, OUTPUT, TOKENIZER, EmbeddingManifest
from services.common.errors import Misconfigured

Vectors = npt.NDArray[np.float32]

# Texts times tokens of one run of the graph: enough to keep every core busy, small enough for the caches.
_BATCH_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class Embedded:
    """Texts as vectors.

    Attributes:
        vectors: shape (texts, dimension).
        truncated: shape (texts,); True where the text is longer than the model reads, and its end was not read.
    """

    vectors: Vectors
    truncated: npt.NDArray[np.bool_]


class Encoder:
    """One exported model. Safe to call from several threads at once."""

    def __init__(self, manifest: EmbeddingManifest, tokenizer: Tokenizer, session: ort.InferenceSession) -> None:
        self.manifest = manifest
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> Self:
        """Reads and verifies the folder of an exported model.

        Args:
            folder: as ``clairscore export-embedding`` writes it.
            threads: of one run of the graph; 0: one for each core.

        Raises:
            Misconfigured: a file is missing, changed or not what it should be; names it.
        """
        return cls.of(folder, exported.load(folder), threads=threads)

    @classmethod
    def of(cls, folder: Path, manifest: EmbeddingManifest, *, threads: int = 0) -> Self:
        """As ``load``, of a folder whose manifest is given and whose files need no verification.

        Raises:
            Misconfigured: the graph or the tokenizer cannot be read.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait for one another by spinning gain nothing here, and take cores from other work.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Errors come as exceptions; its warnings about a graph are for its author.
        options.log_severity_level = 3
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            session = ort.InferenceSession(str(folder / ONNX), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # of either library; they share no class
            raise Misconfigured(f"{folder} cannot be loaded: {error}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(manifest.max_tokens)
        return cls(manifest, tokenizer, session)

    def encode(self, texts: Sequence[str], *, prompt: str | None = None) -> Embedded:
        """Embeds texts; the order of the result is that of the texts.

        Args:
            texts: any number of texts of any length.
            prompt: kind of text whose prefix the manifest has ("query"); None: the model's default.

        Raises:
            KeyError: the manifest has no such kind.
        """
        prefix = self.prefix(prompt)
        return self.embed([prefix + text for text in texts])

    def prefix(self, prompt: str | None) -> str:
        """What is put before a text of that kind; None: of the model's default one.

        Raises:
            KeyError: the manifest has no such kind.
        """
        kind = self.manifest.default_prompt if prompt is None else prompt
        return "" if kind is None else self.manifest.prompts[kind]

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Embeds texts that have their prefix; those of like length share a batch."""
        encodings = self._tokenizer.encode_batch_fast(texts)
        ids = [encoding.ids for encoding in encodings]
        truncated = np.array([bool(encoding.overflowing) for encoding in encodings], dtype=np.bool_)
        vectors = np.empty((len(ids), self.manifest.dimension), dtype=np.float32)
        for batch in batches([len(one) for one in ids], _BATCH_TOKENS):
            vectors[batch] = self._run([ids[position] for position in batch])
        return Embedded(vectors, truncated)

    def _run(self, ids: Sequence[Sequence[int]]) -> Vectors:
        shape = (len(ids), max(map(len, ids)))
        tokens = np.full(shape, self.manifest.pad_token_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        feeds = {"input_ids": tokens, "attention_mask": mask}
        if "token_type_ids" in self.manifest.inputs:
            feeds["token_type_ids"] = np.zeros(shape, dtype=np.int64)
        vectors: Vectors = self._session.run([OUTPUT], feeds)[0]
        return vectors


def batches(lengths: Sequence[int], most_tokens: int) -> Iterator[list[int]]:
    """Groups the positions of texts by length, longest first, so that little is computed for padding.

    Args:
        lengths: tokens of each text.
        most_tokens: texts times tokens of the longest, in one group; a single text may exceed it.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    start = 0
    while start < len(order):
        count = max(1, most_tokens // max(1, lengths[order[start]]))
        yield order[start : start + count]
        start += count
