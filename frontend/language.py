"""The officer's language: texts from the gettext catalogues and the format of numbers, amounts and dates."""

import gettext as gnu
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from frontend.format import Format

# The texts in the code are English, so that English needs no catalogue.
SOURCE = "en"
DEFAULT = "fr"
NAMES = {"fr": "Français", "en": "English"}
CATALOGUES = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Language:
    """Texts and formats of one language; ``code`` is its ISO 639-1 code."""

    code: str
    format: Format
    _texts: gnu.NullTranslations

    def gettext(self, message: str) -> str:
        """The text for an English source text."""
        return self._texts.gettext(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The text for ``count`` things, by the plural rules of the language."""
        return self._texts.ngettext(singular, plural, count)

    @property
    def others(self) -> dict[str, str]:
        """The languages that one may switch to: their own name by code."""
        return {code: name for code, name in NAMES.items() if code != self.code}


@cache
def language(code: str) -> Language:
    """The language with this code; the default one for a code that we don't speak."""
    code = code if code in NAMES else DEFAULT
    return Language(code, Format(code), _texts(code))


def _texts(code: str) -> gnu.NullTranslations:
    """Compiles the catalogue in memory: a fresh clone needs no build step, and no compiled file can be stale."""
    if code == SOURCE:
        return gnu.NullTranslations()
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)
