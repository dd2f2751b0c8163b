"""Data and models shared over a folder, S3 and SSH: pushed from one clone to servers on loopback, pulled in another.

The only training is one run of the pipeline in the first clone.
"""

import getpass
import hashlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from PIL import Image

from benchmarks.served_page import free_port
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import rows, save_csv
from tests.helpers.dvc_output import ran
from tests.helpers.workspace import OWN_TEST, OWN_TRAIN, Workspace

pytestmark = pytest.mark.end_to_end

REQUIRED = os.environ.get("REQUIRE_STORAGE", "").split()  # of s3 and ssh, those that must not be skipped
TARGETS = ("evaluate@mlp", "submit")  # one network is enough to share
WITH_DEPS = ("--with-deps", *TARGETS)
KEPT_BY_DVC = ("data/*", "data/prepared/*", "models/*")
MODEL = "models/mlp.onnx"
SCANS_FOLDER, SCANS = "data/scans", 100  # enough that a push of them is killed halfway
KEYS = ("access_key_id", "secret_access_key")


def skip(kind: str, reason: str) -> None:
    if kind in REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def need(kind: str, *modules: str) -> None:
    for module in modules:
        if not importlib.util.find_spec(module):
            skip(kind, f"{module} is not installed: pip install -r requirements-dev.txt")


class Objects(Protocol):
    """The files in the storage, read without DVC."""

    def names(self) -> list[str]: ...

    def write(self, name: str, content: bytes) -> None: ...


@dataclass(frozen=True)
class Files:
    root: Path

    def names(self) -> list[str]:
        return [path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()]

    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)  # as DVC leaves it: in a folder, it checks only writable files


@dataclass(frozen=True)
class Bucket:
    client: Any
    name: str

    def names(self) -> list[str]:
        return [entry["Key"] for entry in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]

    def write(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=name, Body=content)


@dataclass(frozen=True)
class Obstacle:
    """Settings with which the storage is unavailable, and the message about it."""

    message: str
    settings: dict[str, str]
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Storage:
    """A remote that `dvc push` can reach, its settings, and what can go wrong."""

    url: str
    objects: Objects
    settings: dict[str, str]  # for Git
    secrets: dict[str, str]  # for --local
    obstacles: list[Obstacle]


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
        models__mlp__epochs=1,
        models__mlp__augment__final_epochs=0,
        submit__model="mlp",
    )
    workspace.run("dvc", "repro", *TARGETS)
    workspace.commit("My own data")
    return workspace


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    root = tmp_path_factory.mktemp("folder")
    (root / "a file").touch()
    below_a_file = Obstacle("Not a directory", {"url": str(root / "a file" / "store")})
    return Storage(str(root / "store"), Files(root / "store"), {}, {}, [below_a_file])


@pytest.fixture(scope="module")
def s3(home: Path) -> Iterator[Storage]:
    """Moto's S3 with one bucket and one user with access."""
    need("s3", "moto", "dvc_s3")
    import boto3
    import requests
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())

    def client(service: str, key: str, secret: str) -> Any:
        return boto3.client(service, "us-east-1", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret)

    admin = client("iam", "any", "any")
    admin.create_user(UserName="user")
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    admin.put_user_policy(UserName="user", PolicyName="storage", PolicyDocument=policy)
    key = admin.create_access_key(UserName="user")["AccessKey"]
    secrets = dict(zip(KEYS, (key["AccessKeyId"], key["SecretAccessKey"]), strict=True))
    requests.post(f"{url}/moto-api/reset-auth", data="0", timeout=10).raise_for_status()  # from now on keys are checked
    bucket = Bucket(client("s3", *secrets.values()), "digits")
    bucket.client.create_bucket(Bucket=bucket.name)
    yield Storage(
        "s3://digits/store",
        bucket,
        {"endpointurl": url},
        secrets,
        [
            Obstacle("Forbidden", {"secret_access_key": "wrong"}, ("--local",)),
            Obstacle("Could not connect", {"endpointurl": f"http://127.0.0.1:{free_port()}"}),
        ],
    )
    server.stop()


@pytest.fixture(scope="module")
def ssh(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """OpenSSH's server, run by and for the user who runs the tests, with separate keys."""
    need("ssh", "dvc_ssh")
    sshd = shutil.which("sshd", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]))
    if os.name != "posix" or not sshd or not shutil.which("ssh-keygen"):
        skip("ssh", "there is no sshd: apt-get install openssh-server")
    root = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", root / name], check=True)
    port = free_port()
    (root / "config").write_text(f"""
        ListenAddress 127.0.0.1:{port}
        HostKey {root}/host
        AuthorizedKeysFile {root}/user.pub
        AuthenticationMethods publickey
        StrictModes no
        UsePAM no
        PidFile none
        Subsystem sftp internal-sftp
        ForceCommand internal-sftp
    """)
    with ExitStack() as stack:
        if os.geteuid() == 0 and not Path("/run/sshd").exists():  # sshd starts as root with this empty folder only
            Path("/run/sshd").mkdir(mode=0o755)
            stack.callback(Path("/run/sshd").rmdir)
        log = stack.enter_context((root / "log").open("wb"))
        server = subprocess.Popen([sshd, "-D", "-e", "-f", root / "config"], stderr=log)
        stack.callback(server.wait)
        stack.callback(server.terminate)
        if not listens(port):
            skip("ssh", f"sshd does not start: {(root / 'log').read_text()}")
        at = f"ssh://{getpass.getuser()}@127.0.0.1"
        yield Storage(
            f"{at}:{port}{root}/store",
            Files(root / "store"),
            {},
            {"keyfile": str(root / "user")},
            [
                Obstacle("Permission denied", {"keyfile": str(root / "stranger")}, ("--local",)),
                Obstacle("Connect call failed", {"url": f"{at}:{free_port()}{root}/store"}),
            ],
        )


def listens(port: int) -> bool:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module", params=["folder", "s3", "ssh"])
def storage(request: pytest.FixtureRequest) -> Storage:
    return request.getfixturevalue(request.param)


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
    assert re.fullmatch(r"digit.png\t\d\t0\.\d+\n", printed)
