"""Explanations in words: quantities, reasons, decisions, comparisons and advice as French and English sentences.

Plain values in, text out; the same input gives the same text. All words are in ``fr.toml`` and ``en.toml``. They are
tables and not gettext catalogues because a French sentence chooses its forms by gender and number of a noun, which the
plural forms of gettext cannot do; the model card keeps its texts in the same way.
"""
