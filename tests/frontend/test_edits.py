"""Changes, step by step and back."""

from hypothesis import given
from hypothesis import strategies as st

from frontend.edits import Edits

OWN = {"a": 1.0, "b": None, "c": "x"}


def test_the_own_value_is_no_change() -> None:
    edits = Edits().change("a", 2.0, OWN["a"], "1").change("a", 1.0, OWN["a"], "2")
    assert edits.values == {}
    assert edits.undo().values == {"a": 2.0}


def test_a_missing_value_is_a_change() -> None:
    assert Edits().change("a", None, OWN["a"], "1").values == {"a": None}


def test_what_is_typed_in_one_stay_is_undone_at_once() -> None:
    edits = Edits()
    for value in (7.0, 71.0, 710.0):
        edits = edits.change("a", value, OWN["a"], "stay 1")
    edits = edits.change("b", 5.0, OWN["b"], "stay 2")
    assert edits.undo().values == {"a": 710.0}
    assert edits.undo().undo().values == {}
    assert edits.undo().undo().undo().values == {}


def test_what_is_typed_after_an_undo_is_a_step_of_its_own() -> None:
    edits = Edits().change("a", 2.0, 1.0, "1").change("b", 2.0, None, "2").undo().change("a", 3.0, 1.0, "1")
    assert edits.values == {"a": 3.0}
    assert edits.undo().values == {"a": 2.0}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 5))))
def test_undoing_everything_leads_back(steps) -> None:
    edits = Edits()
    for name, value, visit in steps:
        edits = edits.change(name, float(value), OWN[name], str(visit))
    for _ in steps:
        edits = edits.undo()
    assert edits.values == {}
