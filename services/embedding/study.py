"""The study that is published: the document of the folder that ``clairscore benchmark-embeddings`` wrote last."""

from pathlib import Path

from pydantic import ValidationError

from pipeline.products.study.document import DOCUMENT, Study
from services.common.errors import FailedPrecondition, Misconfigured

_HOW = "no study is published: run `clairscore benchmark-embeddings --products FILE`"


class PublishedStudy:
    """Reads the document anew when another one takes its place. Safe to call from several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / DOCUMENT
        self._read: tuple[tuple[int, int], bytes] | None = None

    def document(self) -> bytes:
        """The study as JSON, UTF-8.

        Raises:
            FailedPrecondition: no study is published; says how.
            Misconfigured: the file is not a study's.
        """
        try:
            found = self._file.stat()
            mark = (found.st_ino, found.st_mtime_ns)
            if self._read is None or self._read[0] != mark:
                content = self._file.read_bytes()
                Study.model_validate_json(content)
                self._read = (mark, content)
        except FileNotFoundError as error:
            raise FailedPrecondition(_HOW) from error
        except ValidationError as error:
            raise Misconfigured(f"{self._file} is not the document of a study: run it again") from error
        return self._read[1]
