"""What an officer has changed of a client, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from frontend.clients.types import Value

_STEPS = 100


@dataclass(frozen=True, slots=True)
class Edits:
    """Changed base features by name, and the states before, so that each step can be undone.

    ``visit`` names the stay in a field that the last step belongs to: all that is typed in one stay is one step.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    past: tuple[Mapping[str, Value], ...] = ()
    visit: str = ""

    def change(self, name: str, value: Value, own: Value, visit: str) -> "Edits":
        """One feature set to a value; the client's ``own`` value is no change."""
        values = {key: kept for key, kept in self.values.items() if key != name}
        if value != own:
            values[name] = value
        if values == self.values:
            return self
        if visit == self.visit:
            return replace(self, values=values)
        return self._step(values, visit)

    def become(self, values: Mapping[str, Value]) -> "Edits":
        """All changes replaced by these, in one step."""
        return self if values == self.values else self._step(values, "")

    def undo(self) -> "Edits":
        """As before the last step; the same if there was none."""
        if not self.past:
            return self
        return Edits(self.past[-1], self.past[:-1])

    def _step(self, values: Mapping[str, Value], visit: str) -> "Edits":
        return Edits(values, (*self.past, self.values)[-_STEPS:], visit)
