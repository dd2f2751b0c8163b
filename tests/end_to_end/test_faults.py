"""Some of the faults that `python -m tests.end_to_end.faults` tries, and that its verdict can be bad."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.ingest.kaggle_csv import Table
from tests.end_to_end import faults
from tests.end_to_end.faults import Case, Result
from tests.helpers import disks, small_mnist
from tests.helpers import fault_kinds as kinds
from tests.helpers.markdown_cells import cells
from tests.helpers.repro import run_undisturbed
from tests.helpers.workspace import Workspace

linux = pytest.mark.skipif(sys.platform != "linux", reason="the faults need Linux")


@pytest.fixture(scope="module")
def undisturbed(digits: Table, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with small_mnist.serve(digits) as server:
        yield run_undisturbed(tmp_path_factory.mktemp("undisturbed") / "project", server)


@linux
@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("case", "message"),
    [
        (Case("SIGKILL", "preprocess", kinds.kill_all), "nothing"),
        (Case("Ctrl-C", "download", kinds.interrupt), "interrupted"),
        (Case("full disk", "evaluate@mlp", kinds.full_disk), "No space left on device: make room"),
        (Case("second", "evaluate@mlp", kinds.second_repro), "is busy"),
        (Case("flipped bit", "train@mlp", kinds.flipped_bit), "modified: models/mlp.onnx"),
    ],
    ids=lambda value: value.title if isinstance(value, Case) else "",
)
def test_repro_recovers_from_a_fault(case: Case, message: str, undisturbed: Workspace):
    try:
        result = faults.try_fault(case, undisturbed)
    except disks.Skipped as reason:
        pytest.skip(str(reason))
    assert message in result.message
    assert result.is_good, result


@linux
@pytest.mark.end_to_end
def test_try_fault_sees_a_fault_that_is_not_fixed(undisturbed: Workspace):
    """DVC does not check a file in its cache again, so without the fix the damaged model stays."""
    result = faults.try_fault(Case("flipped bit", "train@mlp", kinds.flipped_bit_in_cache), undisturbed)
    assert result.message == "nothing"
    assert result.same == {"same lock": True, "same outputs": False, "user's files untouched": True}


def result_of(message: str = "interrupted", **same: bool) -> Result:
    found = {"lock": True, "outputs": True, "user": True} | same
    return Result(Case("Ctrl-C", "submit", kinds.interrupt), "255", message, found)


def test_verdict_counts_the_good_results():
    results = [result_of(), result_of(lock=False), result_of(user=False), result_of(message="Traceback (most recent")]
    assert [result.is_good for result in results] == [True, False, False, False]
    assert faults.verdict(results, []).startswith("1 of 4 faults ended")
    assert "(1 could not be tried here)" in faults.verdict(results, [results[0].case])
    assert ["Ctrl-C", "submit", "255", "interrupted", "NO", "yes", "yes"] in cells(faults.report(results))


def test_main_fails_if_a_fault_comes_too_late(monkeypatch: pytest.MonkeyPatch, capsys):
    def too_late(case: Case, undisturbed: Workspace) -> Result:
        raise RuntimeError("the fault came too late")

    monkeypatch.setattr(faults, "run_undisturbed", lambda root, server: Workspace(root))
    monkeypatch.setattr(faults, "try_fault", too_late)
    with pytest.raises(SystemExit) as ended:
        faults.main()
    assert ended.value.code == 1
    *_, last = cells(capsys.readouterr().out)
    assert last[3:] == ["not tried: the fault came too late", "NO", "NO", "NO"]


@pytest.mark.parametrize(("good", "status"), [(True, 0), (False, 1)])
def test_main_exits_with_the_verdict(good: bool, status: int, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(faults, "run_undisturbed", lambda root, server: Workspace(root))
    monkeypatch.setattr(faults, "try_fault", lambda case, undisturbed: result_of(outputs=good))
    with pytest.raises(SystemExit) as ended:
        faults.main()
    assert ended.value.code == status
    out = capsys.readouterr().out
    assert ("38 of 38" if good else "0 of 38") in out.splitlines()[-1]


def test_telling_line_prefers_errors_and_above_all_tracebacks():
    printed = "Running stage 'submit':\n> python\nerror: /tmp/x/data/y.csv: No space\nERROR: failed to reproduce"
    assert faults.telling_line(printed, Path("/tmp/x")) == "error: data/y.csv: No space"
    assert faults.telling_line(f"{printed}\nTraceback (most recent call last):", Path()).startswith("Traceback")
