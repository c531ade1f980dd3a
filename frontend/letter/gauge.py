"""The gauge of the letter: the dashboard's own geometry and colours, as one picture for paper."""

from markupsafe import Markup

from frontend import theme
from frontend.clients.types import Model, Score
from frontend.components import gauge
from frontend.components.wording import band_name
from frontend.language import Language

_FONT = "Roboto, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_DRAWING = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="24 10 292 172" width="292" height="172" font-family="{font}" '
    'text-anchor="middle" fill="{ink}">{bands}{threshold}{needle}{texts}</svg>'
)
_BAND = Markup('<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>')
_LINE = Markup('<line x1="{:.2f}" y1="{:.2f}" x2="{:.2f}" y2="{:.2f}" stroke="{}" stroke-width="3"/>')
_NEEDLE = Markup('<path d="M{:.2f} {:.2f}L{:.2f} {:.2f}L{:.2f} {:.2f}z"/>')
_TEXT = Markup('<text x="{:.2f}" y="{:.2f}" font-size="{}" font-weight="{}">{}</text>')
# Ends of the needle: its tip touches the ring from inside.
_TIP, _FOOT, _HALF_FOOT = gauge.INNER - 3, gauge.INNER - 22, 0.02


def gauge_svg(model: Model, score: Score, language: Language) -> str:
    """Bands, threshold, and the place of the score, which is also written in the middle."""
    ink, soft = theme.LIGHT["ink"], theme.LIGHT["ink-soft"]
    probability = score.probability_of_repayment
    # The score's own band last: its edge lies over its neighbours'.
    shown = sorted(gauge.bands(model, language), key=lambda band: band["key"] == score.band.value)
    bands = Markup("").join(
        _BAND.format(
            path=band["path"],
            fill=band["fill"],
            stroke=ink if band["key"] == score.band.value else soft,
            width=2.5 if band["key"] == score.band.value else 0.6,
        )
        for band in shown
    )
    inner, outer = gauge.INNER - 5, gauge.OUTER + 7
    threshold = _LINE.format(*gauge.point(model.threshold, inner), *gauge.point(model.threshold, outer), ink)
    needle = _NEEDLE.format(
        *gauge.point(probability, _TIP),
        *gauge.point(probability - _HALF_FOOT, _FOOT),
        *gauge.point(probability + _HALF_FOOT, _FOOT),
    )
    x, y = gauge.CENTRE
    label_x, label_y = gauge.point(model.threshold, gauge.OUTER + 19)
    percent = language.format.percent_short(model.threshold)
    ring = (gauge.INNER + gauge.OUTER) / 2
    texts = Markup("").join(
        (
            _TEXT.format(
                label_x, label_y + 4, 12, "bold", language.gettext("threshold {percent}").format(percent=percent)
            ),
            _TEXT.format(x, y - 18, 34, "bold", language.format.percent_beside(probability, model.threshold)),
            _TEXT.format(x, y + 6, 14, "normal", band_name(score.band, language)),
            _TEXT.format(x - ring, y + 16, 11, "normal", "0"),
            _TEXT.format(x + ring, y + 16, 11, "normal", "100"),
        )
    )
    return str(_DRAWING.format(font=_FONT, ink=ink, bands=bands, threshold=threshold, needle=needle, texts=texts))
