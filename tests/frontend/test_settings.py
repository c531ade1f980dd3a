"""Settings are read from the environment and refused early."""

import pytest

from frontend.settings import DashboardSettings
from services.common.errors import Misconfigured


def test_defaults_are_the_ports_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCORING_ADDRESS", "EXPLAIN_ADDRESS", "PORTFOLIO_ADDRESS", "DASHBOARD_PORT", "DASHBOARD_HOST"):
        monkeypatch.delenv(f"CLAIRSCORE_{name}", raising=False)
    settings = DashboardSettings.load()

    assert (settings.dashboard_host, settings.dashboard_port) == ("127.0.0.1", 5006)
    assert settings.scoring_address == "localhost:50051"
    assert settings.explain_address == "localhost:50052"
    assert settings.portfolio_address == "localhost:50054"


def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIRSCORE_DASHBOARD_PORT", "high")
    monkeypatch.setenv("CLAIRSCORE_CALL_DEADLINE", "-1")

    with pytest.raises(Misconfigured, match=r"CLAIRSCORE_DASHBOARD_PORT.*CLAIRSCORE_CALL_DEADLINE"):
        DashboardSettings.load()
