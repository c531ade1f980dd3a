"""Page tokens: where the next page of a search begins.

A page goes on after the last identifier of the one before (keyset pagination), so that deep pages cost what the first
one costs. The token also carries the total, which then is counted once per search. It is bound to its query and to
the publication by a digest; that catches mistakes and stale pages, it is no secret.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from services.common.errors import InvalidInput, Violation
from services.portfolio.search import Query

_CONTENT = struct.Struct(">QQ")
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after this identifier; ``total`` clients match on all pages."""

    after: int
    total: int


def encode(position: Position, query: Query, publication: str) -> str:
    """Returns the token of a position; ``publication`` is the publication's unique name."""
    content = _CONTENT.pack(position.after, position.total)
    return base64.urlsafe_b64encode(content + _digest(content, query, publication)).decode()


def decode(token: str, query: Query, publication: str) -> Position:
    """Returns the position that a token stands for.

    Raises:
        InvalidInput: no token of ours, or of another search, or of an earlier publication.
    """
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raw = b""
    content, digest = raw[: _CONTENT.size], raw[_CONTENT.size :]
    if len(content) != _CONTENT.size or digest != _digest(content, query, publication):
        raise InvalidInput(
            [
                Violation(
                    "page_token",
                    "does not belong to this search, or the portfolio has been published again: "
                    "leave it empty to start from the first page",
                )
            ]
        )
    return Position(*_CONTENT.unpack(content))


def _digest(content: bytes, query: Query, publication: str) -> bytes:
    # The query's parts are frozen dataclasses of plain values: their repr is exact and tells all of them apart.
    bound = content + repr((query, publication)).encode()
    return hashlib.blake2b(bound, digest_size=_DIGEST_BYTES).digest()
