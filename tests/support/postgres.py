"""A real PostgreSQL server for the tests: made from nothing, reached by a Unix socket, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
import pytest

_USER = "clairscore"


class PostgresServer:
    """A server of its own in a temporary folder; it can be stopped and started again."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        # Not below pytest's folders: they are private, and PostgreSQL refuses to run as root.
        self._folder = Path(tempfile.mkdtemp(prefix="clairscore-postgres-"))
        self._data = self._folder / "data"
        self._owner = _unprivileged_user()
        if self._owner:
            shutil.chown(self._folder, self._owner)

    def __enter__(self) -> Self:
        try:
            self._run("initdb", f"--username={_USER}", "--auth=trust", "--encoding=UTF8", "--no-sync")
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Returns when the server accepts connections."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off"
        self._run("pg_ctl", "start", "--wait", f"--log={self._folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        """Cuts all connections and returns when the server is gone."""
        self._run("pg_ctl", "stop", "--wait", "--mode=fast")

    def create_database(self, name: str) -> str:
        """Makes an empty database, in place of one of the same name, and returns its URL."""
        with psycopg.connect(host=str(self._folder), user=_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        return f"postgresql://{_USER}@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, f"--pgdata={self._data}", *arguments],
            check=True,
            cwd=self._folder,
            # Not a pipe: the server would inherit it and keep it open.
            stdout=subprocess.DEVNULL,
            user=self._owner,
            group=self._owner,
            extra_groups=[] if self._owner else None,
        )


def find_binaries() -> Path:
    """Returns the folder of PostgreSQL's programs; skips the test when there is none."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if not packaged:
        pytest.skip("no PostgreSQL server programs (initdb) on PATH or below /usr/lib/postgresql")
    return packaged[-1].parent


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return pytest.skip("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
