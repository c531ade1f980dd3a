"""One sentence as a whole page, where a document that is no part of the dashboard cannot be given."""

from markupsafe import Markup

from frontend import theme
from frontend.language import Language

# A document without script: it may neither run one nor fetch, send or embed anything.
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # With the next request it may be another one.
    "Cache-Control": "no-store",
}

_PAGE = Markup("""<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>{style_sheet}
body {{ max-width: 40rem; margin: 3rem auto; padding: 0 1rem; background: var(--cs-ground); color: var(--cs-ink);
font-family: var(--cs-font); line-height: 1.45; }}</style></head>
<body><main><h1>{title}</h1><p>{message}</p></main></body>
</html>
""")


def message_page(title: str, message: str, spoken: Language) -> bytes:
    """The page, to be sent with ``HEADERS``."""
    page = _PAGE.format(language=spoken.code, title=title, message=message, style_sheet=Markup(theme.style_sheet()))
    return page.encode()
