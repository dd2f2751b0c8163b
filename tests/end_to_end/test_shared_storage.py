"""Data and models shared over a folder, S3 and SSH: pushed from one clone to servers on loopback, pulled in another.

The only training is one run of the pipeline in the first clone.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import rows, save_csv
from tests.helpers.dvc_output import ran
from tests.helpers.storages import STORAGES, Storage, Unavailable
from tests.helpers.workspace import OWN_TEST, OWN_TRAIN, Workspace

pytestmark = pytest.mark.end_to_end

REQUIRED = os.environ.get("REQUIRE_STORAGE", "").split()  # of s3 and ssh, those that must not be skipped
TARGETS = ("evaluate@mlp", "submit")  # one network is enough to share
WITH_DEPS = ("--with-deps", *TARGETS)
KEPT_BY_DVC = ("data/*", "data/prepared/*", "models/*")
MODEL = "models/mlp.onnx"
SCANS_FOLDER, SCANS = "data/scans", 100  # enough that a push of them is killed halfway


def modify(workspace: Workspace, settings: dict[str, str], *options: str) -> None:
    for key, value in settings.items():
        workspace.run("dvc", "remote", "modify", *options, "storage", key, value)


def clone(workspace: Workspace, folder: Path) -> Workspace:
    """Clone as a colleague does, on a machine that has never seen the project, with the same secrets."""
    workspace.run("git", "clone", "-q", str(workspace.root), str(folder / "project"))
    secrets = workspace.root / ".dvc/config.local"
    if secrets.exists():
        shutil.copy(secrets, folder / "project/.dvc")
    return Workspace(folder / "project")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home: no key, credential, proxy or DVC config of the user who runs the tests is used."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_") or name in ("XDG_CONFIG_HOME", "SSH_AUTH_SOCK"):
                patch.delenv(name)
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        yield home


@pytest.fixture(scope="module")
def done(home: Path, workspace: Workspace, digits: Table) -> Workspace:
    """The clone after a user put a few rows in place and ran the pipeline once.

    The scans are not part of the pipeline: many small files, which are not pushed with it.
    """
    workspace.add_own_data(rows(digits, 0, 300), rows(digits, 300, 400))
    for i in range(SCANS):
        save_csv(workspace.root / SCANS_FOLDER / f"{i}.csv", rows(digits, i, i + 1))
    workspace.run("dvc", "add", SCANS_FOLDER)
    workspace.set_params(
        models__mlp__teacher="none",
        models__mlp__epochs=20,  # enough to be sure of a digit
        models__mlp__augment__final_epochs=0,
        submit__model="mlp",
    )
    workspace.run("dvc", "repro", *TARGETS)
    workspace.commit("My own data")
    return workspace


@pytest.fixture(scope="module", params=STORAGES)
def storage(request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    try:
        with STORAGES[request.param](tmp_path_factory.mktemp(request.param)) as storage:
            yield storage
    except Unavailable as reason:
        if request.param in REQUIRED:
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def owner(storage: Storage, done: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The clone of the user who ran the pipeline, and now shares it."""
    root = tmp_path_factory.mktemp("owner") / "project"
    shutil.copytree(done.root, root)
    owner = Workspace(root)
    owner.run("dvc", "remote", "add", "-d", "storage", storage.url)
    modify(owner, {"verify": "true"} | storage.settings)
    modify(owner, storage.secrets, "--local")
    owner.run("dvc", "push", *WITH_DEPS)
    owner.commit("Share it")
    return owner


@pytest.fixture
def colleague(owner: Workspace, tmp_path: Path) -> Workspace:
    return clone(owner, tmp_path)


def test_pull_gives_a_colleague_the_same_bytes_and_nothing_to_train(owner: Workspace, colleague: Workspace):
    expected = owner.hashes(*KEPT_BY_DVC)
    assert {OWN_TRAIN, OWN_TEST, MODEL, "models/mlp.keras", "data/submission.csv"} < set(expected)
    assert not set(colleague.hashes("data/*.csv", "models/*.onnx"))
    colleague.run("dvc", "pull", *WITH_DEPS)
    assert colleague.hashes(*KEPT_BY_DVC) == expected
    assert "up to date" in colleague.run("dvc", "status", *TARGETS)
    assert ran(colleague.run("dvc", "repro", *TARGETS)) == set()
    assert colleague.run("git", "status", "--porcelain") == ""


def test_pull_refuses_a_damaged_file_in_the_storage(owner: Workspace, colleague: Workspace, storage: Storage):
    content = (owner.root / MODEL).read_bytes()
    digest = hashlib.md5(content).hexdigest()
    [name] = [name for name in storage.objects.names() if name.endswith(f"{digest[:2]}/{digest[2:]}")]
    storage.objects.write(name, b"?" + content[1:])
    printed = colleague.fails("dvc", "pull", MODEL)
    storage.objects.write(name, content)
    assert MODEL in printed
    assert not (colleague.root / MODEL).exists()


def test_failed_push_and_pull_report_it_and_change_no_file(owner: Workspace, storage: Storage, tmp_path: Path):
    for i, obstacle in enumerate(storage.obstacles):
        stuck = Workspace(shutil.copytree(owner.root, tmp_path / str(i) / "project"))
        modify(stuck, obstacle.settings, *obstacle.options)
        shutil.copy(stuck.root / OWN_TEST, stuck.root / OWN_TRAIN)  # an edit that was never added
        before = stuck.hashes(*KEPT_BY_DVC, ".dvc/cache/**/*")
        pushed = stuck.fails("dvc", "push")
        assert stuck.hashes(*KEPT_BY_DVC, ".dvc/cache/**/*") == before
        before = stuck.hashes(*KEPT_BY_DVC)
        shutil.rmtree(stuck.root / ".dvc/cache")
        pulled = stuck.fails("dvc", "pull")
        assert stuck.hashes(*KEPT_BY_DVC) == before
        assert obstacle.message in pushed + pulled
        assert "ERROR: " in pushed
        assert "ERROR: " in pulled


def test_push_can_be_repeated_after_it_was_killed(owner: Workspace, storage: Storage, colleague: Workspace):
    before = len(storage.objects.names())
    with owner.start("dvc", "push", "-j", "1", SCANS_FOLDER) as push:
        while len(storage.objects.names()) == before:
            assert push.poll() is None, push.stdout.read()
            time.sleep(0.005)
        push.kill()
    assert 0 < len(storage.objects.names()) - before < SCANS
    owner.run("dvc", "push", SCANS_FOLDER)
    colleague.run("dvc", "pull", SCANS_FOLDER)
    scans = owner.hashes(f"{SCANS_FOLDER}/*")
    assert len(scans) == SCANS
    assert colleague.hashes(f"{SCANS_FOLDER}/*") == scans


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
def test_pull_of_one_model_is_enough_to_predict(colleague: Workspace, digits: Table):
    colleague.run("dvc", "pull", MODEL)
    assert [path.name for path in (colleague.root / "models").glob("*.*nn*")] == ["mlp.onnx"]
    assert not colleague.hashes("data/**/*.csv", "data/**/*.npy")
    Image.fromarray(255 - digits.pixels[0].reshape(28, 28)).save(colleague.root / "digit.png")
    printed = colleague.run("python", "-m", "app.predict", "--model", "mlp", "digit.png")
    assert re.fullmatch(r"warning: models/screen\.onnx is missing.*\ndigit.png\t\d\t0\.\d+\n", printed)
