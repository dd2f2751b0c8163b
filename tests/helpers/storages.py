"""Remotes for `dvc push`: a folder, and real servers of S3 and SSH on loopback."""

import getpass
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.served_page import free_port

_KEYS = ("access_key_id", "secret_access_key")


class Unavailable(Exception):
    """The storage cannot be served here; the message states why."""


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


def need(*modules: str) -> None:
    for module in modules:
        if not importlib.util.find_spec(module):
            raise Unavailable(f"{module} is not installed: pip install -r requirements-dev.txt")


@contextmanager
def folder(root: Path) -> Iterator[Storage]:
    (root / "a file").touch()
    below_a_file = Obstacle("Not a directory", {"url": str(root / "a file" / "store")})
    yield Storage(str(root / "store"), Files(root / "store"), {}, {}, [below_a_file])


@contextmanager
def s3(root: Path) -> Iterator[Storage]:
    """Moto's S3 with one bucket and one user with access."""
    need("moto", "dvc_s3")
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
    secrets = dict(zip(_KEYS, (key["AccessKeyId"], key["SecretAccessKey"]), strict=True))
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


@contextmanager
def ssh(root: Path) -> Iterator[Storage]:
    """OpenSSH's server, run by and for the user who runs the tests, with separate keys."""
    need("dvc_ssh")
    sshd = shutil.which("sshd", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]))
    if os.name != "posix" or not sshd or not shutil.which("ssh-keygen"):
        raise Unavailable("there is no sshd: apt-get install openssh-server")
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
            raise Unavailable(f"sshd does not start: {(root / 'log').read_text()}")
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


STORAGES = {"folder": folder, "s3": s3, "ssh": ssh}
