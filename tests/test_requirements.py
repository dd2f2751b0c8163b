"""The versions that users install are those that the tests run with and the committed artifacts are made with."""

import re
from collections import defaultdict

import pytest

from tests.helpers.workspace import ROOT


def pins(name: str) -> dict[str, set[str]]:
    """Return the versions of each package; a newer Python may have another than the rest."""
    versions = defaultdict(set)
    text = (ROOT / name).read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
        versions[package].add(version)
    return versions


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-app.txt"])
def test_users_have_the_versions_of_the_tests(name: str):
    tested, found = pins("requirements-dev.txt"), pins(name)
    assert len(found) > 20
    assert {package for package, versions in found.items() if not tested[package] & versions} == set()
