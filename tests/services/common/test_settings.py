import pytest
from pydantic import Field, SecretStr

from services.common.errors import Misconfigured
from services.common.settings import ServiceSettings, describe


class Database(ServiceSettings):
    port: int = Field(default=50099, ge=0, le=65535)
    database_url: str = Field(default="sqlite://", validation_alias="DATABASE_URL")
    api_key: SecretStr = SecretStr("")


def test_the_environment_sets_and_the_command_line_goes_before(monkeypatch):
    monkeypatch.setenv("CLAIRSCORE_PORT", "50100")
    monkeypatch.setenv("CLAIRSCORE_LOG_LEVEL", "debug")
    assert Database.load().port == 50100
    assert Database.load(port=50101).port == 50101
    assert Database.load(port=None).port == 50100
    assert Database.load().log_level == "debug"


def test_wrong_values_are_refused_naming_every_variable(monkeypatch):
    monkeypatch.setenv("CLAIRSCORE_PORT", "99999")
    monkeypatch.setenv("CLAIRSCORE_DRAIN_SECONDS", "soon")
    with pytest.raises(Misconfigured) as refused:
        Database.load()
    assert "CLAIRSCORE_PORT" in refused.value.message
    assert "CLAIRSCORE_DRAIN_SECONDS" in refused.value.message


def test_the_description_hides_secrets(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://app:s3cret@db:5432/clients?password=s3cret")
    monkeypatch.setenv("CLAIRSCORE_API_KEY", "s3cret")
    described = describe(Database.load())
    assert "s3cret" not in str(described)
    assert described["database_url"] == "postgresql+psycopg://app:***@db:5432/clients?password=***"
    assert described["port"] == "50099"
