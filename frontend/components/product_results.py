"""Classified products in a table: category or "don't know", confidence, the nearest labelled products."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import param

from frontend.clients.products import Classified
from frontend.components.base import Component, styles
from frontend.language import Language
from frontend.products.reading import ProductText
from frontend.products.session import Job
from frontend.products.table import csv_file

# Of a product's text in the table; the file has all of it.
_SHOWN = 160


class ProductResults(Component):
    """Shows a job; the browser draws the rows, a hundred at a time, and saves the CSV file."""

    rows = param.List([], doc="row, product, category, unknown, best, confidence, note, evidence, near of each")
    summary = param.String()
    csv = param.String(doc="The file, base64; empty while the job is running")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("product_results.js")
    _stylesheets = styles("product_results")

    def __init__(self, language: Language, **params: Any) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "title": _("Product categories"),
                "region": _("Classified products"),
                "product": _("Product"),
                "category": _("Category, confidence and nearest labelled products"),
                "unknown": _("Only those it does not know"),
                "more": _("Show more"),
                "download": _("Download CSV"),
                "file": _("products-classified"),
            },
            **params,
        )
        self._language = language
        self._shown: Job | None = None

    def display(self, job: Job | None) -> None:
        """Shows what a job has found so far."""
        if job is None or job == self._shown:
            return
        self._shown = job
        self.param.update(
            rows=list(self._rows(job)),
            summary=self._summary(job),
            csv="" if job.running else base64.b64encode(csv_file(job)).decode(),
        )

    def _rows(self, job: Job) -> Iterator[dict[str, Any]]:
        for product, one in zip(job.products, job.done, strict=False):
            yield self._row(product, one)

    def _row(self, product: ProductText, one: Classified) -> dict[str, Any]:
        _, language = self._language.gettext, self._language
        same = sum(near.label == one.label for near in one.neighbours)
        count = len(one.neighbours)
        evidence = language.ngettext(
            "{same} of the {count} nearest is in {label}", "{same} of the {count} nearest are in {label}", same
        ).format(same=same, count=count, label=one.label)
        return {
            "row": product.row,
            "product": product.text if len(product.text) <= _SHOWN else f"{product.text[:_SHOWN]}…",
            "category": one.label if one.confident else _("Don't know"),
            "best": "" if one.confident else _("most probable: {label}").format(label=one.label),
            "unknown": not one.confident,
            "confidence": language.format.percent(one.probability, 0),
            "note": _("The end of the text was not read.") if one.truncated else "",
            "evidence": evidence if count else "",
            "near": [
                [near.label, language.format.percent(max(near.similarity, 0.0), 0), near.text]
                for near in one.neighbours
            ],
        }

    def _summary(self, job: Job) -> str:
        language, done = self._language, len(job.done)
        text = language.ngettext(
            "{count} product classified, {unknown} not known.",
            "{count} products classified, {unknown} not known.",
            done,
        )
        return text.format(count=language.format.integer(done), unknown=language.format.integer(job.unknown))
