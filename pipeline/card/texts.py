"""A document's words, by language: ``fr.toml`` and ``en.toml`` of its folder hold the same keys."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pipeline.card.numerals import ENGLISH, FRENCH, Numerals

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

_HERE = Path(__file__).parent
# French puts a no-break space before these signs and inside of its quotation marks.
_BEFORE_SIGN, _AFTER_QUOTE = re.compile(r" (?=[:;?!%»])"), re.compile(r"(?<=«) ")


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by dotted key, with the numerals of the same language."""

    language: Language
    numerals: Numerals
    entries: dict[str, str]

    def __call__(self, key: str, **values: str) -> str:
        """The text of a key with its ``{places}`` filled.

        Raises:
            KeyError: no such text, or a place without a value.
        """
        return self.entries[key].format(**values)

    def name(self, prefix: str, value: str) -> str:
        """The name of a value that comes from the data, or the value itself where it has no other name."""
        return self.entries.get(f"{prefix}.{value}", value)


@cache
def texts(language: Language, folder: Path = _HERE) -> Texts:
    """Reads the texts of a language; those of the model card, or of the document in another folder."""
    entries = _flat(tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")))
    if language == "fr":
        entries = {key: _AFTER_QUOTE.sub("\u00a0", _BEFORE_SIGN.sub("\u00a0", text)) for key, text in entries.items()}
    return Texts(language, FRENCH if language == "fr" else ENGLISH, entries)


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
