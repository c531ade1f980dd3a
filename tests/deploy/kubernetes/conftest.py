"""Renders the manifests; skipped, saying why, where no kubectl can do it."""

import pytest
from support.kubernetes.rendering import COMPONENTS, Kustomize, Object, find_kubectl


@pytest.fixture(scope="session")
def kubectl() -> str:
    return find_kubectl()


@pytest.fixture(scope="session")
def kustomize(kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Kustomize:
    return Kustomize(kubectl, tmp_path_factory.mktemp("kustomize"))


@pytest.fixture(scope="session")
def everything(kustomize: Kustomize) -> list[Object]:
    """Production with every component, and the migration."""
    return kustomize.render("overlays/production", COMPONENTS) + kustomize.render("migration")
