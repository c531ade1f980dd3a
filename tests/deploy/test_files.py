"""The files that say how Clairscore is delivered: checked without an engine, and the checks with planted faults."""

import json
import sys
from pathlib import Path

import pytest
from support.containers.commands import attempt, run
from support.containers.compose import FILE, configuration
from support.containers.compose_checks import faults

_ROOT = Path(__file__).parents[2]
_IMAGES = _ROOT / "deploy/images"
_BIN = Path(sys.executable).parent
_DOCKERFILES = (_IMAGES / "Dockerfile", _ROOT / "tests/deploy/postgres/Dockerfile")


@pytest.mark.parametrize("dockerfile", _DOCKERFILES, ids=("images", "postgres"))
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    run([_BIN / "hadolint", dockerfile])


def test_hadolint_finds_a_planted_fault(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text((_IMAGES / "Dockerfile").read_text() + "RUN cd /tmp && sudo pip install flask\nUSER root\n")
    found = attempt([_BIN / "hadolint", bad])
    assert found.returncode != 0
    for rule in ("DL3002", "DL3003", "DL3004"):
        assert rule in found.stdout


def test_the_locks_of_the_images_are_those_of_the_requirements(tmp_path: Path) -> None:
    for lock in (_IMAGES / "locks").glob("*.txt"):
        (tmp_path / lock.name).write_bytes(lock.read_bytes())
    run([_IMAGES / "lock.sh", _BIN / "uv", tmp_path], seconds=300)
    for lock in sorted((_IMAGES / "locks").glob("*.txt")):
        made = (tmp_path / lock.name).read_text()
        assert made == lock.read_text(), f"deploy/images/locks/{lock.name} is not current: make lock"
        assert made.count("--hash=sha256:") > made.count("==")


def test_compose_takes_the_file_and_its_services_are_hardened() -> None:
    taken = configuration()
    assert taken.returncode == 0, taken.stderr
    project = json.loads(taken.stdout)
    assert faults(project) == []
    assert {"secrets", "postgres", "prepare", "scoring", "portfolio", "explain", "embedding", "dashboard"} <= set(
        project["services"]
    )


@pytest.mark.parametrize(
    ("sound", "planted", "said"),
    [
        ("  postgres:\n", "  postgres:\n    volumens: []\n", "volumens"),
        ("prepare: {condition: service_completed_successfully}", "prepare: {condition: done}", "condition"),
        ("    networks: [services, outside]", "    networks: [services, elsewhere]", "elsewhere"),
    ],
)
def test_compose_refuses_a_planted_fault(tmp_path: Path, sound: str, planted: str, said: str) -> None:
    refused = configuration(_planted(tmp_path, sound, planted, places=1))
    assert refused.returncode != 0
    assert said in refused.stderr


@pytest.mark.parametrize(
    ("sound", "planted", "found"),
    [
        ("  read_only: true\n", "", "its root can be written"),
        ("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "has capabilities"),
        ('["no-new-privileges:true"]', "[]", "may gain privileges"),
        ('"127.0.0.1:${PORT', '"${PORT', "publishes 5006 to other machines"),
        ("    shm_size: 128m\n", '    ports: ["127.0.0.1:5432:5432"]\n', "postgres: publishes 5432"),
        ("    shm_size: 128m\n    mem_limit: 512m", "    shm_size: 128m", "postgres: has no memory limit"),
        ("  restart: unless-stopped\n", "", "is not restarted"),
        ("clairscore@postgres", "clairscore:secret@postgres", "has a password in DATABASE_URL"),
        ("portfolio: {condition: service_healthy}", "portfolio: {condition: service_started}", "does not wait"),
    ],
)
def test_a_service_that_is_not_hardened_is_found_out(tmp_path: Path, sound: str, planted: str, found: str) -> None:
    taken = configuration(_planted(tmp_path, sound, planted))
    assert taken.returncode == 0, taken.stderr
    assert found in "\n".join(faults(json.loads(taken.stdout)))


def _planted(folder: Path, sound: str, planted: str, *, places: int = -1) -> Path:
    """The compose file with something else in the first ``places`` of a text, or in all of them."""
    text = FILE.read_text()
    assert sound in text
    bad = folder / "docker-compose.yml"
    bad.write_text(text.replace(sound, planted, places))
    return bad
