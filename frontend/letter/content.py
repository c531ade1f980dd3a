"""Composes a customer's letter from the services' answers: the proposal, why, from which data, and the rights.

It says what GDPR art. 22 with CJEU C-203/22, the AI Act art. 86 and Directive (EU) 2023/2225 art. 18 ask for: that a
person decides, which data counted and how, what would have changed the result, and how to have it reviewed.
"""

from collections.abc import Sequence
from datetime import date

from frontend.clients.explanations import Reason as FoundReason
from frontend.clients.types import Decision
from frontend.components.wording import band_rate_sentence, decision_name, score_sentence
from frontend.language import Language
from frontend.letter.answers import Answers
from frontend.letter.changes import changes_section, trial_section
from frontend.letter.data_used import data_section
from frontend.letter.gauge import gauge_svg
from frontend.letter.letter import Entry, Letter, Reason, ReasonList, Section


def compose(answers: Answers, lender: str, contact: str, today: date, language: Language) -> Letter:
    """The letter of a client; ``contact`` says how to reach a person of the lender, empty: at the branch."""
    _ = language.gettext
    score, model = answers.explanation.score, answers.model
    day = language.format.date(today.isoformat())
    reference = str(answers.client.sk_id_curr)
    demonstration = ""
    if answers.publication.synthetic:
        demonstration = _("Demonstration data: this client does not exist.")
    sentence = score_sentence(score, model, language)
    sections = [changes_section(answers, language)]
    if answers.trial is not None:
        sections.append(trial_section(answers.trial, answers, language))
    sections += [_rights(contact, language), data_section(answers, language)]
    return Letter(
        language=language.code,
        title=_("Explanation of your credit application"),
        lender=lender,
        demonstration=demonstration,
        footer=_("Reference {reference} · {date}").format(reference=reference, date=day),
        particulars=(
            Entry(_("Your reference"), reference),
            Entry(_("Date"), day),
            Entry(
                _("Model"),
                _("version {version} of {date}").format(
                    version=model.version, date=language.format.date(model.created_at)
                ),
            ),
        ),
        introduction=_(
            "A statistical model has estimated, from your data, how probable it is that you repay the credit. Its "
            "result is a proposal: your credit officer decides. This letter says what was proposed, why, from which "
            "data, and what you can do."
        ),
        proposal=decision_name(score.decision, language),
        accepted=score.decision is Decision.ACCEPT,
        score=tuple(text for text in (sentence, band_rate_sentence(score, model, language)) if text),
        gauge=gauge_svg(model, score, language),
        gauge_text=sentence,
        decision=Section(_("The decision"), (_("To be filled in by the credit officer, who may decide otherwise."),)),
        choices=(_("Credit granted"), _("Credit refused")),
        fields=(_("Name of the credit officer"), _("Date and signature")),
        reasons=Section(_("Main reasons for the proposal")),
        sides=(
            _side(_("Speaks for repayment"), "+", answers.explanation.reasons_for, answers, language),
            _side(_("Speaks against it"), "−", answers.explanation.reasons_against, answers, language),
        ),
        sections=sections,
    )


def _side(title: str, sign: str, reasons: Sequence[FoundReason], answers: Answers, language: Language) -> ReasonList:
    remark = language.gettext("protected by law: explained, never given as advice")
    protected = {one.feature for one in answers.explanation.contributions if one.protected}
    said = [Reason(one.sentence, remark if one.feature in protected else "") for one in reasons]
    return ReasonList(title, sign, said or [Reason(language.gettext("nothing important"))])


def _rights(contact: str, language: Language) -> Section:
    _ = language.gettext
    where = (
        _("To use these rights: {contact}").format(contact=contact)
        if contact
        else _("To use these rights, ask the credit officer who gave you this letter, or your branch.")
    )
    return Section(
        _("Your rights"),
        items=(
            _("You may ask for an explanation, in plain words, of how the result came about and which data were used "
              "(GDPR as read in CJEU C-203/22; AI Act, art. 86; Directive (EU) 2023/2225, art. 18)."),
            _("You may say how you see your situation, and point out data that are wrong or missing "
              "(GDPR, art. 22; Directive (EU) 2023/2225, art. 18)."),
            _("You may ask for a person to review the assessment and the decision "
              "(GDPR, art. 22; Directive (EU) 2023/2225, art. 18)."),
        ),
        closing=(where,),
    )  # fmt: skip
