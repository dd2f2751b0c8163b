"""The networks of base on the test images of head, with the real DVC."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from checks import regression
from checks.gate import rerun
from checks.gate.rerun import shared_rows, speeds
from stages.artifacts.arrays import Digits
from tests.helpers.dvc_repository import DvcRepository, digits, weights
from tests.helpers.repository import NETWORKS

OLD, NEW = digits(600, seed=0), digits(300, seed=1, style=1)
BOTH = Digits(np.concatenate([OLD.images[:400], NEW.images]), np.concatenate([OLD.labels[:400], NEW.labels]))
GOOD, BETTER = weights(0), weights(0, 1)


def models(mlp: np.ndarray, cnn: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(NETWORKS, (mlp, cnn), strict=True))


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> DvcRepository:
    """A commit; in the workspace, test images of another style replace a third, and both networks know them."""
    repository = DvcRepository.create(tmp_path_factory.mktemp("committed") / "repository")
    repository.run(OLD, models(GOOD, GOOD), "old")
    repository.commit("base")
    repository.run(BOTH, models(BETTER, BETTER), "both")
    return repository


def row(out: str, against: str, measure: str) -> str:
    [found] = [line for line in out.splitlines() if re.search(rf"(^|{against} +)cnn +{measure} ", line)]
    return found


def test_other_test_images_are_not_comparable_without_the_flag(repository, gate):
    status, _, err = gate("HEAD")
    assert status == 2
    assert "--rerun-base runs the networks of base on the images of head" in err


def test_base_is_run_on_the_new_images(repository, gate):
    status, out, _ = gate("HEAD", "--rerun-base")
    assert status == 0
    assert "700 test images" in out
    of_base = make_predictions(GOOD, BOTH)
    assert f"{np.mean(of_base == BOTH.labels):.3%}" in row(out, r"\(HEAD\)", "accuracy")
    assert "note: 400 of the 700 test images are among those of" in out


def make_predictions(values: np.ndarray, test: Digits) -> np.ndarray:
    return (test.images.reshape(-1, 784) @ values).argmax(axis=1)


def test_shared_images_are_compared_apart(repository, gate):
    _, out, _ = gate("HEAD", "--rerun-base")
    shared = Digits(OLD.images[:400], OLD.labels[:400])
    assert f"{np.mean(make_predictions(GOOD, shared) == shared.labels):.3%}" in row(out, "shared images", "accuracy")


def test_a_drop_on_the_shared_images_is_not_hidden_by_a_gain_on_the_new_ones(repository, gate):
    forgetful = BETTER.copy()
    forgetful[3] = 0  # the pixel of a 3 in the old style
    repository.run(BOTH, models(BETTER, forgetful), "both")
    status, out, _ = gate("HEAD", "--rerun-base")
    base = f"{repository.git('rev-parse', 'HEAD')[:10]} (HEAD)"
    assert status == 1
    assert f"recall of 3 (against {base}, shared images)" in out.splitlines()[-1]
    assert f"(against {base})" not in out.splitlines()[-1]


def test_all_tables_share_alpha(repository, gate):
    changes = json.loads(gate("HEAD", "--rerun-base", "--json")[1])["changes"]
    assert {change["p_corrected"] for change in changes if change["measure"] == "accuracy"} <= {
        min(1, 2 * 2 * 3 * change["p"]) for change in changes
    }


def test_of_the_same_images_it_is_what_git_holds(repository, gate):
    repository.commit("both")
    repository.run(BOTH, models(BETTER, weights(0, 1, 2)), "both")
    reread, rerun_ = (json.loads(gate("HEAD", *flag, "--json")[1]) for flag in ([], ["--rerun-base"]))
    assert rerun_["changes"] == reread["changes"]
    assert len(rerun_["bases"]) == 1


def test_an_unavailable_model_is_not_comparable_and_the_command_that_brings_it_is_named(repository, gate):
    shutil.rmtree(repository.root / ".dvc/cache")
    status, out, err = gate("HEAD", "--rerun-base")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert re.search(r"models/mlp\.onnx of \w+ \(HEAD\) is neither in DVC's cache nor in a remote", err)
    assert "run dvc push --all-commits; or make it here: git checkout" in err


def dvc(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True, capture_output=True)


def test_a_remote_brings_the_model_even_if_it_moved_since_base(repository, gate, tmp_path):
    dvc("remote", "add", "-d", "storage", str(tmp_path / "storage"))
    repository.git("commit", "--quiet", "--amend", "--no-edit", ".dvc/config")
    dvc("push", "--all-commits")
    shutil.rmtree(repository.root / ".dvc/cache")
    shutil.move(tmp_path / "storage", tmp_path / "moved")
    assert gate("HEAD", "--rerun-base")[0] == 2
    dvc("remote", "modify", "storage", "url", str(tmp_path / "moved"))
    status, out, _ = gate("HEAD", "--rerun-base")
    assert status == 0
    assert "shared images" in out


def test_a_damaged_model_is_not_comparable(repository, gate):
    repository.git("stash", "--quiet")
    path = repository.cached("models/mlp.onnx")
    repository.git("stash", "pop", "--quiet")
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    status, _, err = gate("HEAD", "--rerun-base")
    assert status == 2
    assert re.search(r"models/mlp\.onnx of \w+ \(HEAD\) is", err)


def test_without_the_images_of_base_a_note_states_how_to_get_them(repository, gate):
    images = repository.root / "data/prepared/test_images.npy"
    np.save(images, OLD.images)
    repository.git("stash", "--quiet")
    repository.cached("data/prepared/test_images.npy").unlink()
    repository.git("stash", "pop", "--quiet")
    np.save(images, BOTH.images)
    status, out, _ = gate("HEAD", "--rerun-base")
    assert status == 0
    assert "note: the test images that both sides have were not compared apart: data/prepared/test_images.npy of" in out
    assert "shared images" not in out


def test_images_that_are_not_those_of_head_are_not_comparable(repository, gate):
    np.save(repository.root / "data/prepared/test_images.npy", OLD.images)
    status, _, err = gate("HEAD", "--rerun-base")
    assert status == 2
    assert "is not the file that dvc.lock of the workspace names" in err


def test_without_test_labels_it_is_not_comparable(repository, gate):
    for network in NETWORKS:
        repository.write_results(network, seed=10, subset="validation")
    status, _, err = gate("HEAD", "--rerun-base")
    assert status == 2
    assert "--rerun-base needs test labels" in err


def test_figures_of_base_are_of_the_new_images(repository, gate):
    limits = {"brier": {"max_drop": 1}, "ece": {"max_drop": 1}, "robustness.blur": {"max_drop": 1}}
    repository.write_params(floor=0.1, cnn=limits | {"model_bytes": {"max_drop": 1}})
    repository.run(BOTH, models(BETTER, GOOD), "both")
    _, out, _ = gate("HEAD", "--rerun-base")
    for measure in ("brier", "ece", "robustness.blur", "model_bytes"):
        assert re.search(r"\+0(\.0+%?)?( |$)", row(out, r"\(HEAD\)", measure))  # the same network on the same images


def test_speed_needs_both_networks(repository, gate):
    repository.write_params(floor=0.1, cnn={"speed": {"max_drop": 0.99, "relative": True}})
    repository.run(OLD, models(BETTER, BETTER), "old")
    status, _, err = gate("HEAD")
    assert status == 2
    assert "gate.metrics.cnn.speed needs both networks in one process: add --rerun-base" in err
    assert " (no test) " in row(gate("HEAD", "--rerun-base")[1], "", "speed")


def test_speeds_are_the_medians_of_rounds_that_take_turns(monkeypatch: pytest.MonkeyPatch):
    clock, seconds = [0.0], {"base": 2.0, "head": 1.0}
    turns: list[str] = []

    class Fake:
        def __init__(self, name: str):
            self.name = name

        def predict(self, images: np.ndarray) -> None:
            turns.append(self.name)
            clock[0] += seconds[self.name] * (100 if len(turns) == 3 else 1)  # one round under load

    monkeypatch.setattr(rerun.time, "perf_counter", lambda: clock[0])
    assert speeds(Fake("base"), Fake("head"), np.zeros((10, 28, 28))) == (5, 10)
    assert turns[:4] == ["base", "head", "base", "head"]


def test_shared_rows_are_those_with_the_same_pixels():
    images = digits(5, seed=3).images
    others = np.concatenate([images[[3, 1]], digits(4, seed=4).images])
    assert shared_rows(images, others).tolist() == [1, 3]
    assert shared_rows(images, digits(4, seed=4).images).tolist() == []


def test_the_gate_without_the_flag_does_not_import_what_the_flag_needs(repository):
    script = "import sys; from checks import regression; print(*{'onnxruntime', 'sklearn', 'dvc'} & set(sys.modules))"
    root = Path(regression.__file__).parents[1]
    finished = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == ""
