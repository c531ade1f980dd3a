"""Which data of the customer counted, and how much: the client page's facts, then whatever else weighed."""

from collections.abc import Mapping, Sequence

from frontend.clients.explanations import Contribution
from frontend.clients.types import Feature
from frontend.components import facts
from frontend.components.feature_search import label_of
from frontend.components.values import value_text
from frontend.language import Language
from frontend.letter.answers import Answers
from frontend.letter.letter import Row, RowGroup, Section, Sheet

# Other data that are named, those that weigh most first.
_OTHERS = 8
# What a feature without a source table comes from, as the explain service names it.
_DERIVED = "derived"


def data_section(answers: Answers, language: Language) -> Section:
    """A table of the data with value, source and effect on the probability of repayment, and what the rest adds."""
    _ = language.gettext
    groups = [_facts(group, answers, language) for group in facts.groups(language)]
    named = {line.feature for group in facts.groups(language) for line in _lines(group, answers, language)}
    others = [
        one
        for one in answers.explanation.contributions
        if one.feature not in named and one.feature in answers.dictionary.features
    ]
    others = sorted(others, key=lambda one: -abs(one.points))[:_OTHERS]
    if others:
        groups.append(RowGroup(_("Other data that counted"), [_row(one, answers, language) for one in others]))
    named |= {one.feature for one in others}
    return Section(
        _("The data that were used"),
        paragraphs=(
            _("The last column says by how many points of 100 each piece of data moved the probability of "
              "repayment, up (+) or down (−)."),
        ),
        sheet=Sheet((_("Data"), _("Your value"), _("Source"), _("Effect")), groups),
        closing=(_sum(named, answers, language),),
    )  # fmt: skip


def _lines(group: facts.Group, answers: Answers, language: Language) -> Sequence[facts.Line]:
    return facts.lines(group, answers.client, answers.dictionary, None, language)


def _facts(group: facts.Group, answers: Answers, language: Language) -> RowGroup:
    rows = []
    for line in _lines(group, answers, language):
        feature = answers.dictionary.features[line.feature]
        effect = _effect(answers.explanation.of(line.feature), language)
        rows.append(Row(line.label, (line.text, _source(feature, answers), effect), _remark(feature, language)))
    return RowGroup(group.title, rows)


def _row(contribution: Contribution, answers: Answers, language: Language) -> Row:
    feature = answers.dictionary.features[contribution.feature]
    cells = (
        value_text(contribution.value, feature, language),
        _source(feature, answers),
        _effect(contribution, language),
    )
    return Row(label_of(feature, language), cells, _remark(feature, language))


def _effect(contribution: Contribution | None, language: Language) -> str:
    if contribution is None:
        return language.gettext("not used")
    return language.format.points(contribution.points)


def _remark(feature: Feature, language: Language) -> str:
    return language.gettext("protected by law") if feature.protected else ""


def _source(feature: Feature, answers: Answers) -> str:
    names: Mapping[str, str] = {one.name: one.label for one in answers.explanation.tables}
    table = feature.source_table or _DERIVED
    return names.get(table, table)


def _sum(named: set[str], answers: Answers, language: Language) -> str:
    """How the effects add up to the probability."""
    _ = language.gettext
    explanation = answers.explanation
    rest = [one for one in explanation.contributions if one.feature not in named]
    fmt = language.format
    total = fmt.percent_beside(explanation.score.probability_of_repayment, answers.model.threshold)
    base = fmt.percent(explanation.base_probability_of_repayment)
    if not rest:
        return _("From {base}, where the model starts for everybody, all effects together lead to {total}.").format(
            base=base, total=total
        )
    return language.ngettext(
        "The model used {count} further piece of data, which adds {points}. From {base}, where it starts for "
        "everybody, all effects together lead to {total}.",
        "The model used {count} further pieces of data, which add {points} in all. From {base}, where it starts for "
        "everybody, all effects together lead to {total}.",
        len(rest),
    ).format(count=fmt.integer(len(rest)), points=fmt.points(sum(one.points for one in rest)), base=base, total=total)
