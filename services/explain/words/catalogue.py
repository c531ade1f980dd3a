"""The words of one language, from ``fr.toml`` or ``en.toml`` beside this module."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from services.common.errors import InvalidInput, Violation
from services.explain.words.numerals import Numerals

DEFAULT = "fr"
LANGUAGES = ("fr", "en")

_HERE = Path(__file__).parent
# A vowel or a silent h: all but those of words with an aspirated one that can follow an article.
_SILENT_START = r"(?=[aeiouàâéèêëîïôûùœAEIOUÀÂÉÈÊÎÔÛ]|[hH](?!ors|aut|uit|andicap|asard))"
_ELISION = re.compile(rf"\b([LlDd]e|[Ll]a|[Qq]ue) {_SILENT_START}")
_CONTRACTIONS = tuple(
    (re.compile(rf"\b{uncontracted} (?=\w)"), f"{contracted} ")
    for uncontracted, contracted in {"de le": "du", "de les": "des", "à le": "au", "à les": "aux"}.items()
)
_BEFORE_COLON, _AFTER_QUOTE = re.compile(r" (?=[:»])"), re.compile(r"(?<=«) ")
# CLDR puts a wide space before "%", as it does before nothing else of these.
_BEFORE_SIGN, _NUMBER_SIGN = re.compile(r" (?=[;?!%])|\u00a0(?=%)"), re.compile(r"n° ")


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Texts by dotted key, with the numerals of the same language."""

    language: str
    numerals: Numerals
    entries: Mapping[str, str]

    def text(self, key: str, agreement: str = "", **places: str) -> str:
        """The text of a key with its ``{places}`` filled; the form for an agreement where it has several.

        Raises:
            KeyError: no such text or form, or a place without a value.
        """
        entry = self.entries.get(f"{key}.{agreement}") if agreement else None
        return (self.entries[key] if entry is None else entry).format(**places)

    def find(self, key: str) -> str | None:
        """The text of a key as it is, null where there is none."""
        return self.entries.get(key)

    def counted(self, key: str, count: float, **places: str) -> str:
        """The text of a key in the plural form for a count; ``zero`` has one of its own where it is given."""
        forms = ("zero", "one", "other") if count == 0 else (self.numerals.plural(count), "other")
        form = next(form for form in forms if f"{key}.{form}" in self.entries)
        return self.text(f"{key}.{form}", **places)

    def quoted(self, text: str) -> str:
        """The text in quotation marks."""
        return self.text("quoted", text=text)

    def typeset(self, text: str) -> str:
        """Sets apostrophes and, in French, elisions ("l’annuité"), contractions ("du") and no-break spaces."""
        text = text.replace("'", "’")
        if self.language != "fr":
            return text
        text = _ELISION.sub(lambda match: f"{match[1][:-1]}’", text)
        for pattern, contracted in _CONTRACTIONS:
            text = pattern.sub(contracted, text)
        text = _AFTER_QUOTE.sub("\u00a0", _BEFORE_COLON.sub("\u00a0", text))
        return _NUMBER_SIGN.sub("n°\u00a0", _BEFORE_SIGN.sub("\u202f", text))

    def sentence(self, text: str) -> str:
        """The text as a sentence: set, with a capital first letter and a full stop."""
        text = self.typeset(text)
        return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def catalogue(language: str) -> Catalogue:
    """The words of a language by its code; empty means French.

    Raises:
        InvalidInput: a language that we don't speak.
    """
    code = language or DEFAULT
    if code not in LANGUAGES:
        known = " or ".join(f'"{known}"' for known in LANGUAGES)
        raise InvalidInput([Violation("language", f'"{code}" is not a language of the explanations: ask for {known}.')])
    return _read(code)


@cache
def _read(code: str) -> Catalogue:
    entries = _flat(tomllib.loads((_HERE / f"{code}.toml").read_text(encoding="utf-8")))
    return Catalogue(code, Numerals(code), entries)


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
