"""The page that classifies products: pasted or from a file, with confidence and the nearest labelled products."""

from panel_material_ui.template.base import Page

from frontend.clients.products import Classifier
from frontend.components.file_field import FileField
from frontend.components.layout import row, stack
from frontend.components.notices import Notices
from frontend.components.product_entry import ProductEntry
from frontend.components.product_results import ProductResults
from frontend.components.shell import Shell, ready
from frontend.components.verdict import Tone, Verdict
from frontend.language import Language
from frontend.pages.opening import Opening, bring_to_life
from frontend.products import reading
from frontend.products.session import Job, ProductsSession, ProductsView
from frontend.remote import Failed
from services.common.errors import FailedPrecondition, InvalidInput

_WIDE = {"flex": "2 1 26rem", "min-width": "min(22rem, 100%)"}
_NARROW = {"flex": "1 1 18rem", "min-width": "min(18rem, 100%)"}


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Classify products")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/produits``."""
    session = ProductsSession(opening.services)
    page = ProductsPage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class ProductsPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        most = language.format.integer(reading.MAX_PRODUCTS)
        self._shell = Shell(language, opening.navigation, name(language), ["client"])
        self._demonstration = Notices()
        self._entry = ProductEntry(
            {
                "title": _("Products"),
                "label": _("One product a line: its name, its description, or both"),
                "hint": _("At most {most} lines.").format(most=most),
                "classify": _("Classify"),
                "stop": _("Stop"),
                "progress": _("Progress of the classification"),
            },
            styles=_WIDE,
        )
        self._file = FileField(
            {
                "title": _("From a file"),
                "choose": _("Choose a CSV file…"),
                "hint": _(
                    "With a header, and a column {names} or {descriptions} or both; at most {most} products, {size} MB."
                ).format(
                    names=" / ".join(reading.NAMES),
                    descriptions=" / ".join(reading.DESCRIPTIONS),
                    most=most,
                    size=reading.MAX_BYTES // 2**20,
                ),
            },
            accept=".csv,text/csv",
            limit=reading.MAX_BYTES,
            styles=_NARROW,
        )
        self._state = Verdict()
        self._results = ProductResults(language)
        self._found = stack(self._results, visible=False)

    def layout(self) -> Page:
        """The page, to be served."""
        return self._shell.layout(
            stack(self._demonstration, self._shell.outages, gap="0"),
            row(self._entry, self._file),
            self._state,
            self._found,
        )

    def connect(self, session: ProductsSession) -> None:
        """Tells the session what the user does."""
        language = self._language

        def pasted(text: str) -> None:
            try:
                session.classify(reading.read_lines(text, language))
            except InvalidInput as error:
                session.refuse(error.violations)

        def uploaded(name: str, content: bytes) -> None:
            try:
                session.classify(reading.read_file(name, content, language), name)
            except InvalidInput as error:
                session.refuse(error.violations)

        self._entry.on("classify", pasted)
        self._entry.on("stop", lambda _text: session.stop())
        self._file.on_file(uploaded)
        self._shell.address.on("client", session.choose)

    def show(self, view: ProductsView) -> None:
        """Shows a view."""
        _ = self._language.gettext
        self._shell.show(view, {"client": view.choice}, "")
        classifier, job = ready(view.classifier), view.job
        self._demonstration.messages = (
            [_("Demonstration classifier: it has learned from made-up products.")]
            if classifier and classifier.synthetic
            else []
        )
        share = len(job.done) / len(job.products) if job else 0.0
        self._entry.param.update(running=bool(job and job.running), done=share)
        fault_text = _("{field}: {fault}")
        self._file.problems = [fault_text.format(field=one.field, fault=one.description) for one in view.faults]
        self._show_state(view)
        self._results.display(job)
        self._found.visible = bool(job and job.done)

    def _show_state(self, view: ProductsView) -> None:
        _ = self._language.gettext
        note = self._note(ready(view.classifier))
        job = view.job
        if isinstance(view.blocked, Failed) and job is not None:
            self._show_blocked(view.blocked, job, note)
        elif job is not None:
            self._show_job(job, note)
        elif isinstance(view.classifier, Failed) and isinstance(view.classifier.error, FailedPrecondition):
            sentence = _("No classifier has been published yet. The page works as soon as there is one.")
            self._state.display(Tone.WARNING, _("No classifier"), sentence)
        else:
            self._state.display(
                Tone.NEUTRAL,
                _("No products yet"),
                _("Paste products or choose a file, then read their categories."),
                note=note,
            )

    def _show_job(self, job: Job, note: str) -> None:
        _, integer = self._language.gettext, self._language.format.integer
        heading = job.source or _("Pasted products")
        done, total = integer(len(job.done)), integer(len(job.products))
        if job.running:
            self._state.display(
                Tone.BUSY, heading, _("Being classified: {total} products.").format(total=total), note=note
            )
        elif job.complete:
            text = self._language.ngettext(
                "{total} product is classified; {unknown} of them it does not know.",
                "{total} products are classified; {unknown} of them it does not know.",
                len(job.products),
            )
            self._state.display(
                Tone.FAVOURABLE, heading, text.format(total=total, unknown=integer(job.unknown)), note=note
            )
        else:
            sentence = _("Stopped after {done} of {total} products.").format(done=done, total=total)
            self._state.display(Tone.NEUTRAL, heading, sentence, note=note)

    def _show_blocked(self, blocked: Failed, job: Job, note: str) -> None:
        _, integer = self._language.gettext, self._language.format.integer
        if job.running:
            sentence = _("Waiting for the service after {done} of {total} products; it goes on by itself.")
        else:
            sentence = _("The service refused the products after {done} of {total}.")
        text = sentence.format(done=integer(len(job.done)), total=integer(len(job.products)))
        detail = blocked.error.message if not job.running else ""
        self._state.display(
            Tone.WARNING, job.source or _("Pasted products"), " ".join((text, detail)).strip(), note=note
        )

    def _note(self, classifier: Classifier | None) -> str:
        """What is known of the classifier, in a sentence."""
        if classifier is None:
            return ""
        _, form = self._language.gettext, self._language.format
        text = _("Classifier of {date}: {categories} categories, learned from {products} labelled products.").format(
            date=form.date(classifier.created_at),
            categories=len(classifier.labels),
            products=form.integer(classifier.products),
        )
        if classifier.accuracy is not None:
            text += " " + _("Of products that it had not seen, {share} were put right.").format(
                share=form.percent(classifier.accuracy)
            )
        return (
            text
            + " "
            + _("Below a confidence of {share} it says that it does not know.").format(
                share=form.percent_short(classifier.threshold)
            )
        )
