"""A card shows a chart, or says why there is none."""

import pytest

from frontend.charts.chart import Chart, Table
from frontend.charts.plot import plot
from frontend.components.chart_card import ChartCard, failure_text
from frontend.language import language
from frontend.remote import NOT_ASKED, Failed, Pending, Ready
from services.common.errors import ClairscoreError, DeadlineExceeded, FailedPrecondition, NotFound, Unavailable

EN = language("en")


def chart(number: int) -> Chart:
    figure = plot(name="c", title="Title", summary="Summary.")
    return Chart("c", f"Title {number}", "Summary.", figure, Table(("A", "B"), [("a", "b")]), b"A,B\r\na,b\r\n")


@pytest.mark.parametrize(
    ("error", "text", "busy"),
    [
        (Unavailable("…", progress="0.37"), "The explanations of the portfolio are being computed: 37%.", True),
        (Unavailable("…"), "No answer at the moment. It is tried again continuously.", False),
        (DeadlineExceeded("…"), "No answer at the moment. It is tried again continuously.", False),
        (FailedPrecondition("…"), "Nothing has been published with the present model yet.", False),
        (FailedPrecondition("…", cohort_clients="0"), "There is no client in this group.", False),
        (NotFound("…", feature="F"), "The model does not use this feature.", False),
    ],
)
def test_every_failure_is_said_in_words(error: ClairscoreError, text: str, busy: bool) -> None:
    assert failure_text(error, EN) == (text, busy)


def test_a_chart_is_drawn_once_for_an_answer() -> None:
    card, drawn = ChartCard(EN, "Heading"), []

    def draw(number: int) -> Chart:
        drawn.append(number)
        return chart(number)

    answer, other = Ready(1), object()
    for inputs in ((answer, other), (answer, other), (answer, None), (Ready(2), None)):
        card.follow(inputs[0], draw, inputs[1])
    assert drawn == [1, 1, 2]
    assert card.chart["title"] == "Title 2"


def test_the_card_follows_a_call_from_the_question_to_the_answer() -> None:
    card = ChartCard(EN, "Heading")
    card.follow(NOT_ASKED, chart)
    assert (card.message, card.busy) == ("", False)
    card.follow(Pending(), chart)
    assert (card.message, card.busy) == ("Being computed…", True)
    card.follow(Failed(Unavailable("…", progress="0.5")), chart)
    assert (card.message, card.busy) == ("The explanations of the portfolio are being computed: 50%.", True)
    card.follow(Ready(1), chart)
    assert (card.message, card.busy, card.chart["title"]) == ("", False, "Title 1")


def test_table_and_file_come_when_they_are_wanted_and_from_then_on() -> None:
    card = ChartCard(EN, "Heading")
    card.display(chart(1))
    assert card.twin == {}
    card._handle_msg({"intent": "twin", "text": ""})
    assert (card.twin["rows"], card.twin["figure"]) == ([["a", "b"]], card.chart["figure"])
    card.display(chart(2))
    assert card.twin["figure"] == card.chart["figure"]
