"""What a PromQL query is about: its metrics, and the labels that it names."""

import re
from collections.abc import Iterator

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)?\s*\{([^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_DURATION = re.compile(r"\[[^\]]*\]|\boffset\s+\w+")
_NAME = re.compile(r"\b[a-zA-Z_:][\w:]*\b(?!\s*\()")
_WORDS = frozenset(("and", "or", "unless", "bool", "by", "without", "on", "ignoring", "inf", "nan"))


def selected(query: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Gives each metric of a query with the labels that it is selected by."""
    plain = _DURATION.sub("", _GROUPING.sub("", _STRING.sub('""', query)))
    for name, matchers in _SELECTOR.findall(plain):
        yield name, frozenset(re.findall(r"(\w+)\s*[=!]", matchers))
    for name in _NAME.findall(_SELECTOR.sub("", plain)):
        if name.lower() not in _WORDS and not re.fullmatch(r"\d.*|e\d+", name):
            yield name, frozenset()


def grouped(query: str) -> frozenset[str]:
    """The labels that a query groups or matches by."""
    return frozenset(re.findall(r"\w+", ",".join(_GROUPING.findall(_STRING.sub('""', query)))))
