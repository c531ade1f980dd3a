"""What was measured, as one table."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured quantity: its values, their unit, and the value that the 95th percentile may not exceed, if any."""

    name: str
    values: Sequence[float]
    unit: str = "ms"
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the aim is met; also without one."""
        return self.at_most is None or bool(np.quantile(self.values, 0.95) <= self.at_most)


def milliseconds(name: str, seconds: Sequence[float], at_most: float | None = None) -> Figure:
    """A figure of durations, which are measured in seconds and told in milliseconds."""
    return Figure(name, [1000 * one for one in seconds], "ms", at_most)


def print_report(title: str, figures: Sequence[Figure]) -> None:
    """Prints median, 95th percentile and aim of every figure, and how busy the machine was."""
    table = Table(title=title)
    for column in ("", "n", "p50", "p95", "unit", "p95 at most", ""):
        table.add_column(column, justify="left" if column in ("", "unit") else "right")
    for figure in figures:
        p50, p95 = np.quantile(figure.values, [0.5, 0.95])
        aim = "" if figure.at_most is None else f"{figure.at_most:g}"
        verdict = "" if figure.at_most is None else "met" if figure.met else "missed"
        table.add_row(figure.name, str(len(figure.values)), _text(p50), _text(p95), figure.unit, aim, verdict)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    table.caption = f"{os.cpu_count()} cores, load average {load}"
    Console(width=110).print(table)


def _text(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2g}"
