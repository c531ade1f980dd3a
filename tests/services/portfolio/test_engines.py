import pytest

from services.common.errors import Misconfigured
from services.portfolio.engines import is_sqlite, parse


@pytest.mark.parametrize("url", ["sqlite:///var/portfolio.db", "sqlite:////data/portfolio.db"])
def test_a_sqlite_file(url):
    assert is_sqlite(parse(url))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_postgresql_uses_the_driver_that_is_installed(scheme):
    parsed = parse(f"{scheme}://user:secret@db:5433/clients?sslmode=require")
    assert parsed.render_as_string(hide_password=False) == (
        "postgresql+psycopg://user:secret@db:5433/clients?sslmode=require"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portfolio.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user:secret@db/clients",
        "postgresql+asyncpg://user:secret@db/clients",
        "postgres+asyncpg://user:secret@db/clients",
        "postgresql://user:secret@db:port/clients",
    ],
)
def test_another_url_is_refused_without_telling_its_password(url):
    with pytest.raises(Misconfigured) as caught:
        parse(url)
    assert "DATABASE_URL" in caught.value.message
    assert "secret" not in caught.value.message
