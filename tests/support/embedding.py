"""Small models of the kinds that can be exported, with random weights and a vocabulary of their own; a classifier."""

import json
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast, DistilBertConfig, DistilBertModel

from pipeline.products.catalogue.generate import generate
from pipeline.products.classifier.model import Candidate, Kind
from pipeline.products.classifier.train import train
from services.embedding.encoder import Encoder

# Of the service under test: more texts in one message are refused.
MAX_TEXTS = 50
PROMPTS = {"query": "query: ", "passage": "passage: "}
WORDS = ("towel", "cotton", "bath", "watch", "leather", "strap", "for", "men", "cable", "usb", "query", "passage", ":")


def _vocabulary(folder: Path) -> int:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz0123456789.,"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    return len(words)


def tiny_bert(folder: Path, *, kind: str = "bert", positions: int = 64) -> Path:
    """A BERT, or a DistilBERT, of two layers as transformers saves one: no word about pooling."""
    torch.manual_seed(7)
    folder.mkdir(parents=True)
    size = _vocabulary(folder)
    # Larger than the usual start, so that different texts get different vectors.
    spread = {"initializer_range": 0.2}
    if kind == "bert":
        config = BertConfig(
            vocab_size=size,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=positions,
            **spread,
        )
        model = BertModel(config)
    else:
        config = DistilBertConfig(
            vocab_size=size, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=positions, **spread
        )
        model = DistilBertModel(config)
    model.save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=positions).save_pretrained(folder)
    return folder


def tiny_sentence_transformer(folder: Path, *, pooling: str, prompts: dict[str, str] | None = None) -> Path:
    """The same in the layout of sentence-transformers: pooling, normalisation, length and prefixes in its files."""
    tiny_bert(folder)
    steps = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    described = [
        {"idx": idx, "name": str(idx), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for idx, (path, kind) in enumerate(steps)
    ]
    (folder / "modules.json").write_text(json.dumps(described))
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 32, f"pooling_mode_{pooling}": True})
    )
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16, "do_lower_case": False}))
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": prompts or {}, "default_prompt_name": "passage" if prompts else None})
    )
    return folder


def train_classifier(folder: Path, encoder: Encoder, *, seed: int = 1, threshold: float = 0.5) -> Path:
    """A classifier of made-up products, as small as cross-validation allows."""
    folder.mkdir(parents=True, exist_ok=True)
    generate(folder / "products.csv", 12, seed)
    out = folder / "classifier"
    candidates = (Candidate(Kind.REGRESSION, 10.0, 1.5),)
    train(folder / "products.csv", encoder, out, threshold=threshold, candidates=candidates, folds=2, inner_folds=2)
    return out
