"""A checkout on Windows has the committed bytes, so that DVC finds nothing to rerun."""

import subprocess
from pathlib import Path

import pytest

from tests.helpers.workspace import ROOT, Workspace

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def checkout(tmp_path: Path) -> Workspace:
    """A clone of the last commit with the usual setting of Git for Windows."""
    subprocess.run(["git", "-c", "core.autocrlf=true", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    return Workspace(tmp_path / "clone")


def test_checkout_with_autocrlf_has_the_committed_bytes(checkout: Workspace):
    names = checkout.run("git", "ls-files").splitlines()
    committed = {name: checkout.run("git", "rev-parse", f"HEAD:{name}").strip() for name in ("dvc.yaml", "params.yaml")}
    assert all((checkout.root / name).is_file() for name in names)
    assert {name: checkout.run("git", "hash-object", "--no-filters", name).strip() for name in committed} == committed
    texts = {name: (checkout.root / name).read_bytes() for name in names if not name.endswith(".png")}
    assert [name for name, content in texts.items() if b"\r\n" in content] == []


def test_checkout_with_autocrlf_has_nothing_to_rerun(checkout: Workspace):
    planned = checkout.run("dvc", "repro", "--dry", "--allow-missing")
    assert "Running stage" not in planned
