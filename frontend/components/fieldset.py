"""A group of native fields and buttons: lists, numbers as text, a slider."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component, styles

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")


@dataclass(frozen=True, slots=True)
class Field:
    """One field; ``options`` (name by key) make it a list, ``slider`` (lowest, highest, step) a slider.

    ``unit`` stands behind the field, ``hint`` below it, ``error`` says what is wrong with its value. ``mark`` stands
    behind the label ("required").
    """

    name: str
    label: str
    value: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    slider: tuple[float, float, float] | None = None
    unit: str = ""
    error: str = ""
    hint: str = ""
    mark: str = ""
    required: bool = False

    def description(self) -> dict[str, object]:
        """What the browser needs to know."""
        return {
            "name": self.name,
            "label": self.label,
            "value": self.value,
            "options": [list(option) for option in self.options.items()],
            "slider": list(self.slider) if self.slider else None,
            "unit": self.unit,
            "error": self.error,
            "hint": self.hint,
            "mark": self.mark,
            "required": self.required,
        }


class Fieldset(Component):
    """Tells "change" (all values) when a field is changed, and the key of a button with all values when it is pressed.

    Both come as JSON: text by the field's name.
    """

    legend = param.String(doc="When it changes while the focus is inside, the focus goes to it: another form is there")
    fields = param.List([], doc="See ``Field.description``")
    buttons = param.List([], doc="Key and name of each")
    main = param.String(doc="Key of the button that goes on; empty: all are alike")
    aligned = param.Boolean(False, doc="Labels, fields and remarks stand in line, in columns")
    live = param.Boolean(False, doc='Tells "change" while one types, after a pause; nothing typed is overwritten')

    _esm = Path(__file__).with_name("fieldset.js")
    _stylesheets = styles("fieldset")

    def display(self, fields: Sequence[Field], filling: int = 0) -> None:
        """Shows the fields; what is being typed stays, unless ``filling`` is another one: filled in from elsewhere."""
        self.fields = [{**one.description(), "filling": filling} for one in fields]

    def changed(self, values: Mapping[str, str]) -> dict[str, str]:
        """Those values that are not what is shown."""
        shown = {one["name"]: one["value"] for one in self.fields}
        return {name: text for name, text in values.items() if name in shown and text != shown[name]}

    def on_values(self, intent: str, act: Callable[[Mapping[str, str]], None]) -> None:
        """Calls ``act`` with the values of all fields."""
        self.on(intent, lambda text: act(_values(text)))


def read_number(text: str) -> float | None:
    """Reads a number as a person types it ("72 000", "71000,5", "12 %"); None for anything else, and for nothing."""
    plain = text.translate(_SPACES).replace(",", ".").rstrip("%€")
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _values(text: str) -> dict[str, str]:
    values: Any = json.loads(text)
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}
