"""Try every fault in every stage of a clone; print a Markdown table of how runs recover.

After each fault, the next `dvc repro` must end with the dvc.lock and the files of an undisturbed run. Needs Linux; a
disk that is full or read-only needs root.
"""

import hashlib
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import shorten
from typing import NamedTuple

from checks.markdown import table
from tests.helpers import disks, small_mnist
from tests.helpers import fault_kinds as kinds
from tests.helpers.datasets import enlarged_digits
from tests.helpers.repro import COMMAND, copied, run_undisturbed
from tests.helpers.workspace import OWN_CSVS, Workspace

USERS_FILES = {*OWN_CSVS, *(f"{path}.dvc" for path in OWN_CSVS), "params.yaml"}
COMPARED = ("same lock", "same outputs", "user's files untouched")
_NOT_COMPARED = {".git", "__pycache__", "cache", "tmp"}  # folders: the last two are DVC's
_TELLING = ("error:", "ERROR:", "interrupted", "modified:")  # how the lines begin that state what is wrong


class Case(NamedTuple):
    """A fault in a stage, and the command that the documentation gives before the next `dvc repro`, if any."""

    title: str
    stage: str
    fault: Callable
    fix: str = ""


class Result(NamedTuple):
    case: Case
    status: str  # of the disturbed run
    message: str
    same: dict[str, bool]  # by COMPARED

    @property
    def is_good(self) -> bool:
        return all(self.same.values()) and not self.message.startswith("Traceback")


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with small_mnist.serve(enlarged_digits()) as server, tempfile.TemporaryDirectory() as scratch:
        note("an undisturbed run")
        undisturbed = run_undisturbed(Path(scratch) / "undisturbed/project", server)
        results, skipped = [], []
        for case in cases(server):
            start = time.monotonic()
            try:
                results.append(try_fault(case, undisturbed))
                outcome = "ok" if results[-1].is_good else "NOT OK"
            except disks.Skipped as reason:
                skipped.append(case)
                outcome = f"skipped: {reason}"
            except RuntimeError as error:
                results.append(Result(case, "none", f"not tried: {error}", dict.fromkeys(COMPARED, False)))
                outcome = results[-1].message
            note(f"{case.title}, {case.stage}: {outcome}, {time.monotonic() - start:.0f} s")
    print(report(results))
    print(verdict(results, skipped))
    sys.exit(not all(result.is_good for result in results))


def cases(server: small_mnist.Server) -> list[Case]:
    in_each = {
        "SIGKILL of dvc and stage": kinds.kill_all,
        "SIGKILL of the stage": kinds.kill_stage,
        "Ctrl-C": kinds.interrupt,
        "full disk": kinds.full_disk,
        "read-only folders": kinds.read_only,
    }
    remove_lock = "rm .dvc/tmp/rwlock"
    look = "find .dvc/cache/files data models -type f -exec chmod u+w {} + -exec touch {} + && dvc status"
    return [
        *(Case(title, stage, fault) for stage in kinds.AT_WORK for title, fault in in_each.items()),
        Case("network gone", "download", kinds.network_gone(server)),
        Case("disk full for DVC's copy", "preprocess", kinds.full_disk_for_dvc),
        Case("Ctrl-C as it starts", "train@mlp", kinds.interrupt_early),
        Case("second dvc repro", "train@mlp", kinds.second_repro),
        Case("lock of a killed dvc, its id reused", "train@mlp", kinds.reused_id, remove_lock),
        Case("lock file cut off", "submit", kinds.cut_lock, remove_lock),
        Case("flipped bit in the model", "train@mlp", kinds.flipped_bit),
        Case("flipped bit in DVC's cache", "train@mlp", kinds.flipped_bit_in_cache, look),
    ]


def try_fault(case: Case, undisturbed: Workspace) -> Result:
    """Disturb a copy of the workspace, let it recover as the documentation states, and compare."""
    expected = snapshot(undisturbed.root)
    with copied(undisturbed) as project, case.fault(project, case.stage) as disturbed:
        untouched = users_files(snapshot(project.root)) == users_files(expected)
        if case.fix:
            project.run("sh", "-c", case.fix)
        status = project.call(*COMMAND).returncode
        found = snapshot(project.root)
    same = (
        status == 0 and found["dvc.lock"] == expected["dvc.lock"],
        status == 0 and found == expected,
        untouched and users_files(found) == users_files(expected),
    )
    message = telling_line(disturbed.printed, project.root)
    return Result(case, str(disturbed.status), message, dict(zip(COMPARED, same, strict=True)))


def snapshot(root: Path) -> dict[str, str]:
    """Return the sha256 of every file but Git's and DVC's: stray files of a crash are included."""
    files = (path for path in root.rglob("*") if path.is_file())
    named = {path.relative_to(root): path for path in files}
    return {
        name.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in named.items()
        if not _NOT_COMPARED & set(name.parts)
    }


def users_files(files: dict[str, str]) -> dict[str, str]:
    return {name: files[name] for name in USERS_FILES if name in files}


def telling_line(printed: str, root: Path) -> str:
    """Return the line that states what is wrong, shortened; a traceback has precedence."""
    lines = [line.strip().replace(f"{root}/", "") for line in printed.splitlines()]
    telling = [line for line in lines if line.startswith("Traceback")] or [
        line for line in lines if line.startswith(_TELLING)
    ]
    return shorten(telling[0], 110, placeholder=" ...") if telling else "nothing"


def report(results: list[Result]) -> str:
    rows = [
        [case.title, case.stage, status, message, *("yes" if value else "NO" for value in same.values())]
        for case, status, message, same in results
    ]
    return table(["fault", "stage", "exit", "message", *COMPARED], rows, "left")


def verdict(results: list[Result], skipped: list[Case]) -> str:
    good = sum(result.is_good for result in results)
    left_out = f" ({len(skipped)} could not be tried here)" if skipped else ""
    return f"{good} of {len(results)} faults ended with the same dvc.lock, outputs and user's files{left_out}"


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
