"""Progress bars of the long jobs, on standard error, so that results can be piped."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipeline.progress import Progress as Report

# So many finished bars stay: a job of many steps would else push the bar of the present one off the screen.
_FINISHED = 6


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Gives a progress callback; each step that it names becomes a bar of its own."""
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: float) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1.0)
            bars.update(tasks[step], completed=done)
            for task in [task for task in bars.tasks if task.finished][:-_FINISHED]:
                bars.remove_task(tasks.pop(task.description))

        yield report
