"""Prints one HTML page as a PDF file: ``python -m frontend.letter.press < letter.html > letter.pdf``.

A program of its own, so that it can be stopped, and so that neither its memory nor a fault of a native library is the
dashboard's. Exit code ``NOT_INSTALLED``: WeasyPrint or a library that it needs is not there.
"""

import hashlib
import os
import sys

NOT_INSTALLED = 3
# Every officer's page goes before a letter.
_NICENESS = 5


def main() -> int:
    """Reads the page, writes the file."""
    os.nice(_NICENESS)
    try:
        from weasyprint import HTML, URLFetcher  # noqa: PLC0415
    except (ImportError, OSError) as error:
        # OSError: its package is there, but not Pango.
        sys.stderr.write(f"{error}\n")
        return NOT_INSTALLED
    page = sys.stdin.buffer.read()
    # Nothing but what is in the page itself is read.
    document = HTML(string=page.decode(), url_fetcher=URLFetcher(allowed_protocols={"data"}))
    identifier = hashlib.sha256(page).hexdigest()[:32].encode()
    sys.stdout.buffer.write(document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier))
    return 0


if __name__ == "__main__":
    sys.exit(main())
