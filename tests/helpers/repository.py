"""A Git repository with the results of two simulated networks, written by the functions of `evaluate`."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from stages import evaluate
from stages.artifacts import paths
from stages.artifacts.results import save_metrics
from stages.evaluation.metrics import PredictionResults, prediction_results, summary
from tests.helpers.workspace import ROOT

NETWORKS = ("mlp", "cnn")
IMAGES = 3_000
_ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def labels(images: int = IMAGES) -> np.ndarray:
    """Return (n,) uint8 in 0-9, all digits about equally often."""
    return np.random.default_rng(1).permutation(np.arange(images) % 10).astype(np.uint8)


def probabilities(actual: np.ndarray, seed: int, shift: float = 0.0) -> np.ndarray:
    """Return (n, 10) float32 of a network: `seed` adds noise, `shift` makes it better.

    All find the same images hard. The accuracy is about 98 %, and two seeds disagree on about 1 % of the images.
    """
    hardness = np.random.default_rng(0).normal(6, 2.7, len(actual))
    margins = hardness + np.random.default_rng(seed).normal(0, 0.5, len(actual)) + shift
    of_the_label = 1 / (1 + np.exp(-margins))
    result = np.zeros((len(actual), 10), np.float32)
    result[np.arange(len(actual)), actual] = of_the_label
    result[np.arange(len(actual)), (actual + 1) % 10] = 1 - of_the_label
    return result


@dataclass(frozen=True)
class Repository:
    """A work tree with the files that the gate reads."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> "Repository":
        root.mkdir()
        repository = cls(root)
        repository.git("init", "--quiet", "--initial-branch=main")
        repository.write_params(floor=0.9)
        repository.write_lock(test_csv="1" * 32)
        for network in NETWORKS:
            repository.write_results(network, seed=10)
        repository.commit("base")
        return repository

    def copy_to(self, root: Path) -> "Repository":
        shutil.copytree(self.root, root)
        return Repository(root)

    def git(self, *arguments: str) -> str:
        command = ["git", *_IDENTITY, *arguments]
        finished = subprocess.run(
            command, cwd=self.root, env=os.environ | _ISOLATED, check=True, capture_output=True, text=True
        )
        return finished.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def write_params(
        self, floor: float, alpha: float = 0.05, rows: str = "all", **margin_or_limits: float | dict
    ) -> None:
        """Write params.yaml; of the margins those that are given, and the limits of gate.metrics by network."""
        limits = {name: value for name, value in margin_or_limits.items() if name in NETWORKS}
        margin = {name: value for name, value in margin_or_limits.items() if name not in NETWORKS}
        tree = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        margins = {"accuracy": 0.02, "loss": 0.02, "recall": 0.1} | margin
        floors, metrics = dict.fromkeys(NETWORKS, floor), {network: {} for network in NETWORKS} | limits
        tree["gate"] = {"alpha": alpha, "rows": rows, "floor": floors, "margin": margins, "metrics": metrics}
        (self.root / "params.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")

    def write_lock(self, test_csv: str) -> None:
        data = {"train_csv": "a.csv", "test_csv": "b.csv"}
        params = {"params.yaml": {"data": data, "seed": 42, "split": {"validation": 0.1}}}
        deps = [{"path": "a.csv", "md5": "0" * 32}, {"path": "b.csv", "md5": test_csv}]
        lock = {"schema": "2.0", "stages": {"preprocess": {"deps": deps, "params": params}}}
        (self.root / "dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")

    def write_results(
        self, network: str, seed: int, shift: float = 0.0, actual: np.ndarray | None = None, subset: str = "test"
    ) -> None:
        """Write what `evaluate` writes of a network of that seed, on the images of `subset`."""
        actual = labels() if actual is None else actual
        self.write_predictions(network, actual, probabilities(actual, seed, shift), subset)

    def write_predictions(
        self, network: str, actual: np.ndarray, predicted: np.ndarray, subset: str = "test"
    ) -> PredictionResults:
        """Write what `evaluate` writes of (n, 10) probabilities of the images of `subset`."""
        results = prediction_results(actual, predicted)
        figures = summary(results)
        metrics = {"train": figures, "validation": figures, subset: figures, "parameters": 1000}
        save_metrics(self.root / paths.metrics(network), metrics)
        evaluate.save_tables(self.root / paths.plots(network), results)
        return results

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first `old` in a file, which has to contain it."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        (self.root / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    def edit_metrics(self, network: str, subset: str, **values: float) -> None:
        path = self.root / paths.metrics(network)
        metrics = json.loads(path.read_text(encoding="utf-8"))
        metrics[subset] |= values
        path.write_text(json.dumps(metrics), encoding="utf-8")


def lose(repository: Repository, images: int) -> None:
    """Write results of the cnn that differ from those of the first commit by that many lost images."""
    repository.write_results("cnn", seed=10, shift=np.where(np.arange(IMAGES) < images, -20.0, 0.0))
