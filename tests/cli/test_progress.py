"""Progress bars: those of a job of many steps make room for the present one."""

import pytest

from cli.progress import progress_bars


def test_finished_steps_make_room_for_the_present_one(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars() as report:
        for number in range(20):
            report(f"step {number:02}", 0.5)
            report(f"step {number:02}", 1.0)
        report("step 00", 0.5)

    shown = [line.split("  ")[0] for line in capsys.readouterr().err.splitlines() if line.startswith("step")]
    assert shown == [*(f"step {number}" for number in range(14, 20)), "step 00"]
