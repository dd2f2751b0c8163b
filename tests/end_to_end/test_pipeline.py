"""The real dvc on real digits in a clone of the project: what it makes, and what it runs after a change."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from stages.evaluation.robustness import CORRUPTIONS
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import rows, save_csv
from tests.helpers.dvc_output import ran, stale
from tests.helpers.own_run import ALL_BUT_DOWNLOAD, EPOCHS, Longer
from tests.helpers.workspace import OWN_TEST, OWN_TRAIN, Workspace

pytestmark = pytest.mark.end_to_end

KEPT = ("dvc.lock", "data/**/*", "models/*", "metrics/*", "plots/**/*")


@pytest.fixture(params=EPOCHS)
def model(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def labels(digits: Table) -> np.ndarray:
    """Of the test rows of `done`."""
    return digits.labels[1200:1500]


def test_repro_makes_metrics_that_agree_with_the_predictions(done: Workspace, model: str, labels: np.ndarray):
    metrics = json.loads((done.root / f"metrics/{model}.json").read_text())
    assert set(metrics) == {"train", "validation", "test", "parameters"}
    assert set(metrics["validation"]) == {"accuracy", "loss"}
    predictions = pd.read_csv(done.root / f"plots/{model}/predictions.csv")
    assert np.array_equal(predictions.actual, labels)
    accuracy = (predictions.actual == predictions.predicted).mean()
    assert metrics["test"]["accuracy"] == pytest.approx(accuracy, abs=1e-5)
    assert accuracy > 0.2
    losses = pd.read_csv(done.root / f"plots/{model}/losses.csv")
    assert losses.loss.mean() == pytest.approx(metrics["test"]["loss"], abs=1e-4)


def test_repro_makes_tables_of_the_same_images(done: Workspace, model: str, labels: np.ndarray):
    plots = done.root / f"plots/{model}"
    assert pd.read_csv(plots / "calibration.csv").subset.tolist() == ["train", "validation", "test"]
    assert pd.read_csv(plots / "reliability.csv").images.sum() == len(labels)
    assert pd.read_csv(plots / "digits.csv").support.sum() == len(labels)
    accuracy = json.loads((done.root / f"metrics/{model}.json").read_text())["test"]["accuracy"]
    for corruption in CORRUPTIONS:
        curve = pd.read_csv(plots / f"robustness/{corruption}.csv")
        assert curve.accuracy[0] == pytest.approx(accuracy, abs=1e-5)  # of all images, as there are so few


def test_repro_lists_each_mistake_with_its_line_in_the_csv(done: Workspace, model: str):
    mistakes = pd.read_csv(done.root / f"plots/{model}/mistakes.csv")
    metrics = json.loads((done.root / f"metrics/{model}.json").read_text())
    lines = {name: (done.root / name).read_text().splitlines() for name in (OWN_TRAIN, OWN_TEST)}
    assert [int(lines[row.file][row.line - 1].split(",")[0]) for row in mistakes.itertuples()] == [*mistakes.actual]
    validation = np.load(done.root / "data/prepared/validation_labels.npy")
    for name, subset, images in ((OWN_TRAIN, "validation", len(validation)), (OWN_TEST, "test", 300)):
        assert (mistakes.file == name).sum() == round((1 - metrics[subset]["accuracy"]) * images)
    assert mistakes.loss.is_monotonic_decreasing


def test_status_after_a_csv_is_renamed_lists_no_training(copy: Workspace):
    shutil.copy(copy.root / OWN_TRAIN, copy.root / "data/new.csv")
    copy.run("dvc", "add", "data/new.csv")
    copy.set_params(data__train_csv="data/new.csv")
    assert stale(copy.run("dvc", "status")) - {"download"} == {"preprocess", "evaluate@mlp", "evaluate@cnn"}


def test_repro_makes_one_line_of_history_per_epoch(done: Workspace, model: str):
    history = pd.read_csv(done.root / f"plots/{model}/history.csv")
    assert set(history) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert history.epoch.tolist() == list(range(1, EPOCHS[model] + 1))


def test_repro_makes_a_submission_of_the_cnns_predictions(done: Workspace, labels: np.ndarray):
    submission = pd.read_csv(done.root / "data/submission.csv")
    assert np.array_equal(submission.ImageId, np.arange(1, len(labels) + 1))
    assert np.array_equal(submission.Label, pd.read_csv(done.root / "plots/cnn/predictions.csv").predicted)


def test_repro_runs_nothing_if_nothing_changed(done: Workspace):
    assert ran(done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)) == set()


def test_forced_repro_gives_the_same_bytes(copy: Workspace):
    before = copy.hashes(*KEPT)
    assert {"models/cnn.keras", "models/mlp.onnx", "plots/cnn/misclassified.png", OWN_TRAIN} < set(before)
    printed = copy.run("dvc", "repro", "-f", *ALL_BUT_DOWNLOAD)
    assert ran(printed) == {"preprocess", "train@mlp", "evaluate@mlp", "train@cnn", "evaluate@cnn", "screen", "submit"}
    assert copy.hashes(*KEPT) == before
    assert copy.run("git", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("evaluation/figures", {"evaluate@mlp", "evaluate@cnn"}),
        ("training/networks", {"train@mlp", "train@cnn", "screen"}),
        ("submit", {"submit"}),
    ],
)
def test_status_lists_the_stages_that_import_an_edited_module(module: str, stages: set[str], copy: Workspace):
    with (copy.root / f"stages/{module}.py").open("a") as stream:
        stream.write("\n# an edit\n")
    assert stale(copy.run("dvc", "status")) - {"download"} == stages  # download never ran here


def test_repro_runs_what_depends_on_a_changed_param(longer: Longer):
    assert ran(longer.printed) == {"train@mlp", "evaluate@mlp"}


def test_diffs_show_a_changed_param_and_its_effect(longer: Longer):
    workspace = longer.workspace
    difference = json.loads(workspace.run("dvc", "metrics", "diff", "HEAD~1", "--json"))
    assert set(difference) == {"metrics/mlp.json"}
    assert "test.accuracy" in workspace.run("dvc", "metrics", "diff", "HEAD~1", "--md")
    assert "models.mlp.epochs" in workspace.run("dvc", "params", "diff", "HEAD~1")
    workspace.run("dvc", "plots", "diff", "HEAD~1")
    page = (workspace.root / "dvc_plots/index.html").read_text()
    for shown in ("HEAD~1", "val_accuracy", "misclassified.png"):
        assert shown in page


def test_plots_show_includes_every_plot(done: Workspace):
    plots = json.loads(done.run("dvc", "plots", "show", "--json"))
    assert "errors" not in plots
    tables = {"accuracy", "loss", "recall by digit", "confusion", "training images of each digit", "ink per image"}
    curves = {f"accuracy against {corruption}" for corruption in CORRUPTIONS}
    pictures = {"plots/mlp/samples.png", "plots/cnn/misclassified.png", "plots/cnn/reliability.png"}
    assert tables | curves | pictures <= set(plots["data"])


def test_repro_trains_a_network_after_its_teacher_and_not_before(copy: Workspace):
    copy.set_params(models__cnn__epochs=1)
    assert ran(copy.run("dvc", "repro", "train@mlp")) == {"train@cnn", "train@mlp"}
    copy.set_params(models__mlp__learning_rate=0.001)
    assert ran(copy.run("dvc", "repro", "train@cnn", "train@mlp")) == {"train@mlp"}


def test_repro_trains_a_network_without_a_teacher_alone(copy: Workspace):
    copy.set_params(models__mlp__teacher="none")
    assert ran(copy.run("dvc", "repro", "train@mlp")) == {"train@mlp"}
    copy.set_params(models__cnn__epochs=1)
    assert ran(copy.run("dvc", "repro", "train@mlp")) == set()


def test_repro_trains_nothing_if_only_the_test_labels_are_gone(copy: Workspace, digits: Table):
    copy.run("dvc", "remove", f"{OWN_TEST}.dvc")
    save_csv(copy.root / OWN_TEST, rows(digits, 1200, 1500)._replace(labels=None))
    copy.run("dvc", "add", OWN_TEST)
    submission = (copy.root / "data/submission.csv").read_bytes()
    printed = copy.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert ran(printed) == {"preprocess", "evaluate@mlp", "evaluate@cnn"}
    metrics = json.loads((copy.root / "metrics/cnn.json").read_text())
    assert set(metrics) == {"train", "validation", "parameters"}
    validation = np.load(copy.root / "data/prepared/validation_labels.npy")
    assert np.array_equal(pd.read_csv(copy.root / "plots/cnn/predictions.csv").actual, validation)
    assert (copy.root / "data/submission.csv").read_bytes() == submission
