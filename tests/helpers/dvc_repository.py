"""A Git repository with networks and test images that the real DVC keeps, as the gate fetches them."""

import shutil
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from dvc.repo import Repo

from stages.artifacts import paths
from stages.artifacts.arrays import Digits
from stages.artifacts.results import save_table
from stages.evaluation import robustness
from stages.evaluation.metrics import calibration
from stages.inference.classifier import OnnxClassifier
from tests.helpers.onnx_model import make_model
from tests.helpers.repository import NETWORKS, Repository

DVC_YAML = {
    "stages": {
        "preprocess": {
            "cmd": "true",
            "deps": ["data/train.csv", "data/test.csv"],
            "params": ["data", "seed", "split"],
            "outs": ["data/prepared/test_images.npy"],
        },
        "train": {"foreach": list(NETWORKS), "do": {"cmd": "true", "outs": ["models/${item}.onnx"]}},
    }
}


def digits(images: int, seed: int, style: int = 0) -> Digits:
    """Return images in which the row of the style is noise, and its pixel of the label is brighter."""
    random = np.random.default_rng(seed)
    actual = (np.arange(images) % 10).astype(np.uint8)
    pixels = random.uniform(0, 0.05, (images, 28, 28)).astype(np.float32)
    pixels[:, style] *= 10
    pixels[np.arange(images), style, actual] += 0.4
    return Digits(pixels, actual)


def weights(*styles: int, strength: float = 12.0) -> np.ndarray:
    """Return (784, 10) of a network that looks at the pixels of these styles."""
    result = np.zeros((28, 28, 10), np.float32)
    for style in styles:
        result[style, np.arange(10), np.arange(10)] = strength
    return result.reshape(784, 10)


class DvcRepository(Repository):
    """What the gate reads, with what DVC keeps."""

    @classmethod
    def create(cls, root: Path) -> "DvcRepository":
        root.mkdir()
        repository = cls(root)
        repository.git("init", "--quiet", "--initial-branch=main")
        Repo.init(str(root)).close()
        (root / ".dvc/config").write_text(
            f"[core]\n    analytics = false\n    site_cache_dir = {root.parent}/site-cache\n"
        )
        (root / "dvc.yaml").write_text(yaml.safe_dump(DVC_YAML))
        (root / ".gitignore").write_text("/models\n/data/prepared\n")
        repository.write_params(floor=0.1)
        return repository

    def copy_to(self, root: Path) -> "DvcRepository":
        shutil.copytree(self.root, root, symlinks=True)
        return DvcRepository(root)

    def write_params(self, floor: float, alpha: float = 0.05, rows: str = "all", **others: float | dict) -> None:
        super().write_params(floor, alpha, rows, **others)
        path = self.root / "params.yaml"
        data = {"train_csv": "data/train.csv", "test_csv": "data/test.csv"}
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"data": data}))

    def run(self, test: Digits, models: Mapping[str, np.ndarray], csv: str) -> None:
        """Write test images, networks and their results, as `dvc repro` would; `csv` is the text of test.csv."""
        for folder in ("data/prepared", "models"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "data/train.csv").write_text("train")
        (self.root / "data/test.csv").write_text(csv)
        np.save(self.root / "data/prepared/test_images.npy", test.images)
        for network, values in models.items():
            path = self.root / paths.onnx_model(network)
            path.unlink(missing_ok=True)  # it may be a link to the cache
            path.write_bytes(make_model(weight=values))
            classifier = OnnxClassifier(path, 1, deterministic=True)
            results = self.write_predictions(network, test.labels, classifier.predict(test.images))
            table = pd.DataFrame([{"subset": "test", **calibration(results)}])
            save_table(self.root / paths.plots(network) / "calibration.csv", table)
            curves = robustness.curves(robustness.sample(test), classifier.predict)
            save_table(self.root / paths.plots(network) / "robustness/blur.csv", pd.DataFrame(curves["blur"]))
        with chdir(self.root), Repo() as repo:
            repo.commit(force=True)

    def cached(self, path: str) -> Path:
        """Return where DVC's cache has what the workspace's dvc.lock names."""
        stages = yaml.safe_load((self.root / "dvc.lock").read_text())["stages"]
        [md5] = {out["md5"] for stage in stages.values() for out in stage["outs"] if out["path"] == path}
        return self.root / f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}"
