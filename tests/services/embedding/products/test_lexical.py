"""Word weights without scikit-learn are scikit-learn's, for any text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from services.embedding.products.lexical import TOKEN, Lexicon

LEARNED = [
    "The blue mug, a mug of ceramic.",
    "A ceramic vase; blue!",
    "été à la plage 2x4",
    "mouse USB 2.0",
    "blue mug",
]
VECTORIZER = TfidfVectorizer(token_pattern=TOKEN, ngram_range=(1, 2), sublinear_tf=True).fit(LEARNED)
LEXICON = Lexicon({term: column for column, term in enumerate(VECTORIZER.get_feature_names_out())}, VECTORIZER.idf_)
TEXTS = st.one_of(
    st.text(max_size=100), st.lists(st.sampled_from(" ".join(LEARNED).split()), max_size=40).map(" ".join)
)


@given(TEXTS)
def test_weights_are_those_of_scikit_learn(text: str) -> None:
    columns, weights = LEXICON.weights(text)
    dense = np.zeros(len(LEXICON.columns))
    dense[columns] = weights

    assert dense == pytest.approx(VECTORIZER.transform([text]).toarray()[0], abs=1e-12)
