"""Which folders may import which."""

import re
from pathlib import Path

import pytest

from tests.helpers.workspace import ROOT

ALLOWED = {
    "stages": {"stages"},
    "app": {"app", "stages"},
    "checks": {"checks", "stages"},
    "benchmarks": {"app", "benchmarks", "checks", "stages"},
    "tests": {"app", "benchmarks", "checks", "stages", "tests"},
}


def imported_by(path: Path) -> set[str]:
    """Return the modules of this project that a file imports."""
    module = rf"((?:{'|'.join(ALLOWED)})\b[\w.]*)"
    return set(re.findall(rf"^\s*(?:from|import) {module}", path.read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("folder", ALLOWED)
def test_imports_go_one_way(folder: str):
    imports = {(path, module) for path in (ROOT / folder).rglob("*.py") for module in imported_by(path)}
    assert len(imports) > 5
    assert [pair for pair in imports if pair[1].split(".")[0] not in ALLOWED[folder]] == []


def test_tests_import_no_tests_and_no_conftest():
    modules = {module for path in (ROOT / "tests").rglob("*.py") for module in imported_by(path)}
    borrowed = {module for module in modules if re.search(r"\.(test_\w+|conftest)$", module)}
    assert borrowed == set()
