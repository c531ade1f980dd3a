from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from services.common.errors import Misconfigured
from services.common.settings import describe
from services.portfolio.engines import parse, with_password
from services.portfolio.settings import PortfolioSettings

URL = "postgresql://clairscore@postgres/clairscore"


@pytest.fixture
def password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "password"
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("DATABASE_PASSWORD_FILE", str(file))
    return file


def test_the_password_of_the_file_goes_into_the_url_and_not_into_the_log(password_file: Path) -> None:
    password_file.write_text("p@ss/w:rd\n")
    settings = PortfolioSettings.load()
    assert parse(settings.database_url).password == "p@ss/w:rd"
    assert parse(settings.database_url).host == "postgres"
    described = str(describe(settings))
    assert "p@ss" not in described
    assert "w:rd" not in described
    assert "p%40ss" not in described


@given(password=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_any_password_is_the_one_that_the_database_is_given(password: str) -> None:
    assert make_url(with_password(URL, password)).password == password


@pytest.mark.parametrize(
    ("url", "content", "named"),
    [
        (URL, None, "DATABASE_PASSWORD_FILE"),
        (URL, "\n", "is empty"),
        ("postgresql://clairscore:other@postgres/clairscore", "secret", "password of its own"),
        ("sqlite:///var/portfolio.db", "secret", "names no user"),
    ],
)
def test_a_password_that_belongs_nowhere_is_refused(
    password_file: Path, monkeypatch: pytest.MonkeyPatch, url: str, content: str | None, named: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    if content is not None:
        password_file.write_text(content)
    with pytest.raises(Misconfigured) as refused:
        PortfolioSettings.load()
    assert named in refused.value.message
    assert "other" not in refused.value.message.replace("another", "")
    assert "secret" not in refused.value.message


def test_without_a_file_the_url_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://clairscore:own@postgres/clairscore")
    assert PortfolioSettings.load().database_url == "postgresql://clairscore:own@postgres/clairscore"
