"""Prometheus' own program checks the files, and runs the alerts' tests; a rule that is planted wrong fails them."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

_ROOT = Path(__file__).parents[3]
_OBSERVABILITY = _ROOT / "deploy" / "observability"
_RULES = _OBSERVABILITY / "rules" / "clairscore.yml"
_TESTS = sorted(Path(__file__).parent.glob("*.test.yml"))
_GROUPS = yaml.safe_load(_RULES.read_text())["groups"]
_ALERTS = {rule["alert"]: rule for group in _GROUPS for rule in group["rules"] if "alert" in rule}

pytestmark = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt-get install prometheus)"
)


def _promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)


def test_configuration_and_rules_are_valid() -> None:
    found = _promtool("check", "config", _OBSERVABILITY / "prometheus.yml")
    assert found.returncode == 0, found.stderr + found.stdout
    assert _promtool("check", "rules", _RULES).returncode == 0


def test_a_planted_fault_makes_them_invalid(tmp_path: Path) -> None:
    broken = tmp_path / "clairscore.yml"
    broken.write_text(
        _RULES.read_text().replace("rate(grpc_server_handled_total[5m])", "rate(grpc_server_handled_total)")
    )
    assert _promtool("check", "rules", broken).returncode != 0


def test_the_alerts_do_what_their_tests_say() -> None:
    found = _promtool("test", "rules", *_TESTS)
    assert found.returncode == 0, found.stdout + found.stderr


def _with(alert: str, expression: str, folder: Path) -> list[Path]:
    """The tests, of rules in which one alert has another expression."""
    rules = yaml.safe_load(_RULES.read_text())
    (planted,) = (rule for group in rules["groups"] for rule in group["rules"] if rule.get("alert") == alert)
    planted["expr"] = expression
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    copies = []
    for test in _TESTS:
        copy = yaml.safe_load(test.read_text())
        # Only those that are about this alert: the others take time.
        copy["tests"] = [one for one in copy["tests"] if alert in str(one["alert_rule_test"])]
        copy["rule_files"] = ["rules.yml"]
        if copy["tests"]:
            copies.append(folder / test.name)
            copies[-1].write_text(yaml.safe_dump(copy))
    return copies


@pytest.mark.parametrize("alert", _ALERTS)
def test_an_alert_that_never_fires_is_noticed(alert: str, tmp_path: Path) -> None:
    copies = _with(alert, "vector(0) > 1", tmp_path)
    assert copies, f"{alert} has no test"
    assert _promtool("test", "rules", *copies).returncode != 0


@pytest.mark.parametrize("alert", _ALERTS)
def test_an_alert_that_always_fires_is_noticed(alert: str, tmp_path: Path) -> None:
    assert _promtool("test", "rules", *_with(alert, "vector(1)", tmp_path)).returncode != 0
