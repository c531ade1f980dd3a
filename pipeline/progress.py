"""How a long job tells how far it is, whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Called often during a job: the step's name, and how much of that step is done (0..1)."""

    def __call__(self, step: str, done: float) -> None:
        """Takes note of the progress."""


def silent(step: str, done: float) -> None:
    """Shows nothing."""
