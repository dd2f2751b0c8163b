"""Stage `train`: fit one network, or several that are averaged; save them as `.keras` and `.onnx`, and log every epoch.

The only stage that imports TensorFlow, and only after all that can be wrong without it. Never sees a test image.
"""

from stages.config.environment import has_avx2

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple, get_args

import pandas as pd

from stages.artifacts import arrays, paths
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.files import atomic_write
from stages.artifacts.paths import ModelName
from stages.config.params import ModelParams, load_params


class Arguments(NamedTuple):
    model: ModelName
    workers: int | None
    dask: str


def main() -> None:
    name, workers, dask = parse_arguments()
    params = load_params()
    train, validation = arrays.load("train"), arrays.load("validation")
    if params.deterministic and not has_avx2():
        warn_of_other_bytes()
    teacher = read_teacher(name, params.model(name))
    from stages.training import assembly, ensemble, tensorflow  # which takes seconds to import

    tensorflow.configure(params.training_threads, params.deterministic)
    fits = ensemble.fit_ensemble(name, params, train, validation, teacher, workers, dask)
    model = assembly.assemble(name, params.model(name), fits, validation)
    files = paths.keras_model(name), paths.onnx_model(name)
    assembly.save(model, *files, validation, params.threads, params.deterministic)
    save_history(mean_history([fit.history for fit in fits]), paths.plots(name) / "history.csv")


def parse_arguments() -> Arguments:
    parser = argparse.ArgumentParser(prog="python -m stages.train", description=__doc__)
    parser.add_argument("model", choices=get_args(ModelName), help="the network of params.yaml to train")
    parser.add_argument("--workers", type=count, metavar="N", help="processes that train members (default: by cores)")
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        default=os.environ.get("DASK_SCHEDULER_ADDRESS", ""),
        help="train members on this Dask cluster (default: $DASK_SCHEDULER_ADDRESS)",
    )
    return Arguments(**vars(parser.parse_args()))


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1")
    return int(text)


def read_teacher(name: ModelName, params: ModelParams) -> bytes | None:
    """Return the `.keras` file of the network that teaches `name`, or None if none does.

    Raises PipelineError if there is no such file.
    """
    if not params.is_taught:
        return None
    path = paths.keras_model(params.teacher)
    if params.teacher == name:
        raise PipelineError(f"models.{name}.teacher: no network can teach itself; expected another or none")
    if not path.is_file():
        remedy = "run dvc repro (or dvc pull)" if params.teacher in get_args(ModelName) else "put it there"
        raise PipelineError(f"{path} is missing, which models.{name}.teacher in params.yaml names: {remedy}")
    return path.read_bytes()


def warn_of_other_bytes() -> None:
    print(
        "warning: this is not an x86-64 CPU with AVX2: the trained weights, and all that is made of them, will differ "
        "in their last bits from those made on one",
        file=sys.stderr,
    )


def mean_history(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of each epoch over the members."""
    return pd.concat(histories).groupby("epoch", as_index=False).mean()


def save_history(history: pd.DataFrame, path: Path) -> None:
    with atomic_write(path) as partial:
        history.to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")


if __name__ == "__main__":
    run(main)
