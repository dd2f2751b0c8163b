"""What GitHub's workflows run, as far as it runs without GitHub."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.helpers.own_run import Longer
from tests.helpers.page_blocks import blocks, read
from tests.helpers.workspace import ROOT, Workspace

GATE = yaml.safe_load(read(".github/workflows/gate.yml"))
# Keeps comments as gh would: gh api [--silent] [--method PATCH] URL -F body=@FILE, or a list of the known ids.
GH = """#!/usr/bin/env bash
set -eu
case "$*" in
  *--paginate*) cat ids ;;
  *PATCH*/comments/7*) cp comment.md updated ;;
  *issues/3/comments*body=@comment.md) cp comment.md created; echo 7 > ids ;;
  *) exit 1 ;;
esac
"""


def script(job: str, name: str) -> str:
    [step] = [step for step in GATE["jobs"][job]["steps"] if step.get("name") == name]
    return step["run"]


def test_page_shows_steps_of_the_workflow():
    [shown] = [block.text for block in blocks("docs/gate.md") if "- run:" in block.text]
    assert shown in read(".github/workflows/gate.yml")
    assert ".ci/gate" in shown


def test_actions_are_pinned_to_one_commit_each():
    used = [line for page in (ROOT / ".github/workflows").iterdir() for line in page.read_text().splitlines()]
    pins = {line.split("uses: ")[1] for line in used if "uses: " in line}
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", pin) for pin in pins), pins
    assert len({pin.split("@")[0] for pin in pins}) == len(pins)


def test_only_the_job_that_runs_nothing_of_the_change_may_write():
    assert GATE["permissions"] == {"contents": "read"}
    assert [name for name, job in GATE["jobs"].items() if "permissions" in job] == ["comment"]
    assert not any("uses" in step for step in GATE["jobs"]["comment"]["steps"])


@pytest.mark.end_to_end
def test_comment_is_made_once_and_then_updated(tmp_path: Path):
    (tmp_path / "ids").touch()
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    variables = {
        "PATH": os.pathsep.join([str(tmp_path), os.environ["PATH"]]),
        "GITHUB_REPOSITORY": "team/digits",
        "GITHUB_RUN_ID": "11",
        "NUMBER": "3",
    }
    for table in ("first `a` $(b)", "second"):
        command = ["bash", "-e", "-c", script("comment", "One comment, which is updated")]
        subprocess.run(command, cwd=tmp_path, env=os.environ | variables | {"TABLE": table}, check=True)
    page = "https://github.com/team/digits/actions/runs/11"
    assert (tmp_path / "created").read_text().startswith("<!-- the gate -->\nfirst `a` $(b)\n")
    assert (tmp_path / "updated").read_text() == (
        f"<!-- the gate -->\nsecond\n\n[The page]({page}) is an artifact of the run.\n"
    )


@pytest.fixture
def changed(longer: Longer, tmp_path: Path) -> Workspace:
    """A repository in which the network of the last release, v1, was trained for one epoch."""
    workspace = longer.workspace.copy_to(tmp_path / "project")
    workspace.run("git", "tag", "v1", "HEAD~1")
    return workspace


@pytest.mark.end_to_end
def test_gate_compares_with_where_the_change_began_and_with_the_release(changed: Workspace):
    changed.run("git", "commit", "-q", "--allow-empty", "-m", "A change")
    changed.run(".ci/gate", "HEAD~1")
    table = (changed.root / "report/gate.md").read_text()
    assert "(v1)" in table
    assert "| against " in table
    assert (changed.root / "report/index.html").is_file()


@pytest.mark.end_to_end
def test_gate_of_a_worse_network_fails_and_its_table_is_the_summary(changed: Workspace):
    changed.run("git", "revert", "--no-edit", "HEAD")
    changed.run("git", "tag", "-d", "v1")
    changed.run("dvc", "checkout", "--allow-missing")
    printed = changed.fails(".ci/gate", "HEAD~1")
    assert printed.endswith("exit status 1")
    variables = {"GITHUB_STEP_SUMMARY": "summary", "GITHUB_OUTPUT": "output"}
    summary = Workspace(changed.root, changed.variables | variables)
    summary.run("bash", "-e", "-c", script("gate", "The job's summary"))
    table = (changed.root / "report/gate.md").read_text()
    assert table.startswith("**REGRESSION: mlp: accuracy, loss")
    assert (changed.root / "summary").read_text() == table
    assert (changed.root / "output").read_text() == f"table<<END_OF_TABLE\n{table}\nEND_OF_TABLE\n"


@pytest.mark.end_to_end
def test_gate_states_why_two_commits_cannot_be_compared(changed: Workspace):
    (changed.root / "metrics/mlp.json").unlink()
    assert changed.fails(".ci/gate", "HEAD").endswith("exit status 2")
    assert (changed.root / "report/gate.md").read_text().startswith("not comparable: ")


@pytest.mark.end_to_end
def test_gate_of_a_first_push_has_nothing_to_compare_with(changed: Workspace):
    assert "nothing to compare with" in changed.run(".ci/gate", "0" * 40)
    assert not (changed.root / "report").exists()
