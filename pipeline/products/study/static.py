"""A static embedding distilled from a sentence model: a vector for each token, and a text is their weighted mean.

The method of Model2Vec (Tulkens, S. and van Dongen, T., 2024): every token of the vocabulary goes through the model
alone; the vectors are reduced by PCA and weighted by smooth inverse frequency, frequency after Zipf's law from the
token's rank in the vocabulary. Written here because that package's own distillation refuses present versions of
transformers; what it reads texts with is used as it is.
"""

from pathlib import Path

import numpy as np
from model2vec import StaticModel
from sklearn.decomposition import PCA

from pipeline.embedding import export

DIMENSION = 256
# Arora, S., Liang, Y. and Ma, T. (2017), "A simple but tough-to-beat baseline for sentence embeddings", ICLR.
_SMOOTHING = 1e-4
_BATCH = 256


def distil(folder: Path, dimension: int = DIMENSION) -> StaticModel:
    """Makes a static model of the model in a folder.

    Raises:
        Misconfigured: the folder holds no model.
    """
    teacher = export.load(folder)
    tokenizer = teacher.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    vocabulary = sorted(tokenizer.get_vocab(with_added_tokens=True).items(), key=lambda entry: entry[1])
    # A continued word ("##ing") is given as it reads.
    words = [token.removeprefix("##") for token, _place in vocabulary]
    vectors = teacher.encode(words, batch_size=_BATCH, show_progress_bar=False, normalize_embeddings=False)
    reduced = PCA(min(dimension, *vectors.shape), random_state=0).fit_transform(vectors)
    shares = 1 / np.arange(2, len(words) + 2)
    weights = _SMOOTHING / (_SMOOTHING + shares / shares.sum())
    weighted = (reduced * weights[:, None]).astype(np.float32)
    return StaticModel(weighted, tokenizer, {"normalize": True}, normalize=True)
