"""Whoever is woken finds a sentence, a severity and a paragraph of the runbook."""

import re
from pathlib import Path

import pytest
import yaml

_ROOT = Path(__file__).parents[3]
_RUNBOOK = _ROOT / "docs" / "runbook.md"
_GROUPS = yaml.safe_load((_ROOT / "deploy" / "observability" / "rules" / "clairscore.yml").read_text())["groups"]
_ALERTS = {rule["alert"]: rule for group in _GROUPS for rule in group["rules"] if "alert" in rule}
_SECTIONS = dict(re.findall(r"^## (\w+)\n\n(.+?)(?=^## |\Z)", _RUNBOOK.read_text(), re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("alert", _ALERTS)
def test_an_alert_has_severity_summary_description_and_a_paragraph(alert: str) -> None:
    rule = _ALERTS[alert]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    file, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert _ROOT / file == _RUNBOOK
    assert anchor == alert.lower()
    assert len(_SECTIONS[alert].split()) > 15


def test_no_paragraph_is_about_an_alert_that_is_no_more() -> None:
    assert _SECTIONS.keys() == _ALERTS.keys()


def test_links_within_the_runbook_lead_somewhere() -> None:
    for anchor in re.findall(r"\]\(#(\w+)\)", _RUNBOOK.read_text()):
        assert anchor in {name.lower() for name in _SECTIONS}
