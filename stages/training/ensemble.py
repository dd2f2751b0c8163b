"""The members of an ensemble: networks that differ in their seed alone, whose probabilities are averaged.

joblib trains them in this process, on the machine's cores or on a Dask cluster. Each gives the same bytes.
"""

import stages.config.environment  # noqa: F401

import functools
import hashlib
import importlib
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import joblib

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.artifacts.paths import ModelName
from stages.config.params import TEACHER_THREADS, Params
from stages.training import tensorflow
from stages.training.fit import Fit, fit_network

_TENSORFLOW = threading.Lock()  # a Dask worker has several threads; TensorFlow trains one member at a time
_PACKAGES = ("keras", "numpy", "tensorflow")


def fit_ensemble(
    name: ModelName,
    params: Params,
    train: Digits,
    validation: Digits,
    teacher: bytes | None = None,
    workers: int | None = None,
    dask: str = "",
) -> list[Fit]:
    """Train `members` networks with the seeds `seed`, `seed + 1`, ...

    teacher: the `.keras` file of the network that teaches each of them, if one does.
    workers: processes on this machine; by default as many as keep its cores busy.
    dask: the address of a Dask scheduler, such as tcp://10.0.0.1:8786, whose workers are used instead.
    """
    model = params.model(name)
    threads = max(model.threads, TEACHER_THREADS) if teacher else model.threads
    workers = min(model.members, workers or max(1, joblib.cpu_count() // threads))
    arguments = (name, params, train, validation, teacher)
    calls = [joblib.delayed(_fit_member)(*arguments, member) for member in range(model.members)]
    with _on_dask(dask, train, validation) if dask else joblib.parallel_config("loky", n_jobs=workers):
        return joblib.Parallel()(calls)


def _fit_member(
    name: ModelName, params: Params, train: Digits, validation: Digits, teacher: bytes | None, member: int
) -> Fit:
    model = params.model(name)
    title = name if model.members == 1 else f"{name} {member + 1}/{model.members}"
    with _TENSORFLOW:
        tensorflow.configure(params.training_threads, params.deterministic)
        return fit_network(name, model, train, validation, params.seed + member, title, teacher)


@contextmanager
def _on_dask(address: str, train: Digits, validation: Digits) -> Iterator[None]:
    """Make joblib use the cluster, and send the images there once, not once per member.

    Raises PipelineError if the cluster does not have this project, as joblib would wait for ever; or if it has other
    code or packages than this process, as its networks would differ.
    """
    try:
        from distributed import Client
    except ImportError:
        raise PipelineError("Dask is not installed: pip install distributed") from None
    with Client(address) as client:
        try:
            client.run_on_scheduler(importlib.import_module, __name__)
            found = client.run(origin)
        except (ImportError, AttributeError) as error:
            raise PipelineError(
                f"Dask's scheduler or a worker at {address} does not have this project, or another commit of it "
                f"({error}): start both in a clone of it, at the same commit, with PYTHONPATH=."
            ) from None
        if not found:
            raise PipelineError(f"the Dask scheduler at {address} has no worker: PYTHONPATH=. dask worker {address}")
        check_origins(found)
        print(f"{len(found)} Dask workers at {address}", flush=True)
        with joblib.parallel_config("dask", scatter=[train, validation]):
            yield


def check_origins(found: dict[str, dict[str, str]]) -> None:
    """Raise PipelineError if a worker, by its address, has another origin than this process."""
    here = origin()
    for address, there in found.items():
        different = [
            f"{key} is {there.get(key, 'missing')}, here {here[key]}" for key in here if there.get(key) != here[key]
        ]
        if different:
            raise PipelineError(
                f"the Dask worker at {address} would train another network ({'; '.join(different)}): bring its clone "
                "to the same commit, install the same packages, and start it again"
            )


@functools.cache  # as it was at the first call, when the modules were loaded: a later `git pull` does not reload them
def origin() -> dict[str, str]:
    """Return what trained networks depend on beside params and data: the hash of stages/ and the versions used."""
    folder = Path(__file__).parents[1]
    sources = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        sources.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        sources.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return {
        "the hash of stages/**/*.py": sources.hexdigest()[:12],
        "Python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }
