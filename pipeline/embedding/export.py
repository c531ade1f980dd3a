"""Exports a sentence-embedding model to folders that the service can load, one for each precision.

What is exported is the whole chain of sentence-transformers: transformer, pooling, and whatever else the model's own
files name (dense layers, normalisation). Each graph is compared with sentence-transformers before it is kept.
"""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from pipeline.embedding import check
from pipeline.embedding.manifest import (
    FILES,
    MANIFEST,
    ONNX,
    OUTPUT,
    TOKENIZER,
    Agreement,
    EmbeddingManifest,
    Precision,
    SourceInfo,
)
from pipeline.embedding.sources import Source
from pipeline.folder import replaced
from pipeline.hashing import sha256
from pipeline.progress import Progress, silent
from services.common.errors import Misconfigured

# The newest that the fusions below know.
_OPSET = 17
_LIBRARIES = ("onnx", "onnxruntime", "sentence-transformers", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Exported:
    """One precision of a model: the folder it is in; None: it is too far from the original, and was not kept."""

    precision: Precision
    folder: Path | None
    agreement: Agreement


class _Graph(torch.nn.Module):
    """The chain as a function of tensors, in the order of ``names``."""

    def __init__(self, model: SentenceTransformer, names: Sequence[str]) -> None:
        super().__init__()
        self._model = model
        self._names = names

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """Vectors, shape (texts, dimension), of token ids and masks, each of shape (texts, tokens)."""
        found: torch.Tensor = self._model(dict(zip(self._names, tensors, strict=True)))["sentence_embedding"]
        return found


def export(
    source: Source, out: Path, progress: Progress = silent, precisions: Sequence[Precision] = tuple(Precision)
) -> tuple[Exported, ...]:
    """Writes ``out/NAME/PRECISION`` for each precision that agrees with sentence-transformers.

    Args:
        source: the model's own files.
        out: folder of all exported models.
        progress: told of each step.
        precisions: which ones are wanted.

    Raises:
        Misconfigured: the files are no model that sentence-transformers can load, or FP32 does not agree with it.
    """
    progress("loading the model", 0)
    model = load(source.folder, plain_attention=True)
    progress("loading the model", 1)
    reference = check.Reference.of(model, progress)
    exported = []
    out.mkdir(parents=True, exist_ok=True)
    with _scratch(out) as scratch:
        graph = scratch / "fused.onnx"
        progress("exporting", 0)
        _write_graph(model, scratch / "plain.onnx")
        progress("exporting", 0.6)
        inputs = _fuse(scratch / "plain.onnx", graph, model)
        progress("exporting", 1)
        for precision in precisions:
            step = f"checking {precision}"
            progress(step, 0)
            aside = scratch / precision
            aside.mkdir()
            _write_precision(graph, aside / ONNX, precision)
            (aside / TOKENIZER).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
            manifest = _manifest(source, model, aside, precision, inputs)
            agreement = check.compare(aside, manifest, reference)
            progress(step, 1)
            exported.append(_keep(aside, manifest, agreement, out))
    return tuple(exported)


def load(folder: Path, *, plain_attention: bool = False) -> SentenceTransformer:
    """Loads a folder as sentence-transformers does: a plain BERT-family one gets mean pooling.

    Args:
        folder: the model's files.
        plain_attention: in the form that can be exported and fused; its results are the same, and it is slower.

    Raises:
        Misconfigured: it is no such model.
    """
    # A bar of its own for each model, between ours.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"attn_implementation": "eager"} if plain_attention else None,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"{folder} cannot be loaded by sentence-transformers: {error}") from error
    if not hasattr(model.tokenizer, "backend_tokenizer"):
        raise Misconfigured(f"{folder} has a tokenizer that cannot be written as {TOKENIZER}")
    return model.eval()


def _write_graph(model: SentenceTransformer, file: Path) -> None:
    names = tuple(
        n for n in ("input_ids", "attention_mask", "token_type_ids") if n in model.tokenizer.model_input_names
    )
    example = model.tokenizer(["a short text", "a text that is longer than it"], padding=True, return_tensors="pt")
    axes: dict[str, dict[int, str]] = {name: {0: "texts", 1: "tokens"} for name in names}
    axes[OUTPUT] = {0: "texts"}
    with warnings.catch_warnings(), torch.no_grad():
        # Its warnings are of constants that do not depend on the texts; the check would find one that does.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Graph(model, names),
            tuple(example[name] for name in names),
            str(file),
            input_names=list(names),
            output_names=[OUTPUT],
            dynamic_axes=axes,
            opset_version=_OPSET,
            # The newer exporter gives a graph in which attention is not recognised.
            dynamo=False,
        )


def _fuse(graph: Path, out: Path, model: SentenceTransformer) -> tuple[str, ...]:
    """Makes one operator of each attention, normalisation and activation; what is of another kind stays as it is.

    Returns the inputs that the graph has: a tokenizer may give more than its model takes.
    """
    from onnxruntime.transformers import optimizer  # noqa: PLC0415 - slow to import

    config = _config(model)
    optimized = optimizer.optimize_model(
        str(graph),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        opt_level=0,
    )
    optimized.save_model_to_file(str(out))
    return tuple(node.name for node in optimized.graph().input)


def _write_precision(graph: Path, out: Path, precision: Precision) -> None:
    if precision is Precision.FP32:
        shutil.copyfile(graph, out)
        return
    from onnx import TensorProto  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    with _quiet():
        quantize_dynamic(
            graph,
            out,
            per_channel=True,
            weight_type=QuantType.QInt8,
            # The token embeddings stay as they are: looking one up costs nothing.
            op_types_to_quantize=["MatMul", "Gemm", "Attention"],
            # Fused operators have no shapes to tell it that they give floats.
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
        )


def _manifest(
    source: Source, model: SentenceTransformer, folder: Path, precision: Precision, inputs: tuple[str, ...]
) -> EmbeddingManifest:
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise Misconfigured(f"{source.folder} does not say how many numbers its vectors have")
    return EmbeddingManifest(
        name=source.name,
        precision=precision,
        created_at=datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        dimension=dimension,
        max_tokens=_max_tokens(model),
        pooling=_pooling(model),
        normalized=any(type(module).__name__ == "Normalize" for module in model),
        prompts={kind: prefix for kind, prefix in model.prompts.items() if prefix},
        default_prompt=model.default_prompt_name if model.prompts.get(model.default_prompt_name or "") else None,
        inputs=inputs,
        pad_token_id=model.tokenizer.pad_token_id,
        source=SourceInfo(
            origin=source.origin, location=source.location, revision=source.revision, sha256=source.sha256
        ),
        agreement=Agreement(texts=0, mean_cosine=0, least_cosine=0),
        libraries={name: version(name) for name in _LIBRARIES},
        files={name: sha256(folder / name) for name in FILES},
    )


def _max_tokens(model: SentenceTransformer) -> int:
    positions = int(_config(model).max_position_embeddings)
    wanted: Any = model.max_seq_length
    return min(int(wanted or positions), positions)


def _config(model: SentenceTransformer) -> Any:
    transformer: Any = model[0]
    return transformer.auto_model.config


def _pooling(model: SentenceTransformer) -> tuple[str, ...]:
    modes: Any = next(module.pooling_mode for module in model if type(module).__name__ == "Pooling")
    return (modes,) if isinstance(modes, str) else tuple(modes)


def _keep(aside: Path, manifest: EmbeddingManifest, agreement: Agreement, out: Path) -> Exported:
    precision = manifest.precision
    if not check.agrees(agreement, precision):
        if precision is Precision.FP32:
            raise Misconfigured(
                f"the exported {manifest.name} does not give what sentence-transformers gives: least cosine "
                f"{agreement.least_cosine:.6f} over {agreement.texts} texts. Nothing was kept."
            )
        return Exported(precision, None, agreement)
    final = out / manifest.name / precision
    with replaced(final) as new:
        for name in FILES:
            shutil.move(aside / name, new / name)
        described = manifest.model_copy(update={"agreement": agreement})
        (new / MANIFEST).write_text(described.model_dump_json(indent=1), encoding="utf-8")
    return Exported(precision, final, agreement)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the advice that a library gives to the authors of graphs."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """A folder on the same disk that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".export.", dir=out) as folder:
        yield Path(folder)
