"""The real dvc on real digits in a clone of the project: what a user types, and what must never happen."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.evaluation.robustness import CORRUPTIONS
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_csv
from tests.helpers.workspace import Workspace

OWN_TRAIN, OWN_TEST = "data/train.csv", "data/test.csv"
ALL_BUT_DOWNLOAD = ("evaluate", "submit")
ALL_STAGES = {"preprocess", "train@mlp", "evaluate@mlp", "train@cnn", "evaluate@cnn", "submit"}
EPOCHS = {"mlp": 1, "cnn": 8}


def ran(printed: str) -> set[str]:
    """The stages that dvc ran."""
    return {line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage '")}


def changed(printed: str) -> set[str]:
    """The stages that `dvc status` lists."""
    return {line.rstrip(":") for line in printed.splitlines() if line.endswith(":") and not line[0].isspace()}


def restore(workspace: Workspace) -> None:
    """What a user types to be back at the commit; data/mnist was never downloaded here, so it is allowed to miss."""
    workspace.run("sh", "-c", "rm -r metrics plots && git checkout . && dvc checkout --allow-missing")


def bytes_of(workspace: Workspace, *patterns: str) -> dict[str, str]:
    files = sorted(path for pattern in patterns for path in workspace.root.glob(pattern) if path.is_file())
    return {
        path.relative_to(workspace.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


@pytest.fixture(scope="module")
def users_files(digits: Table) -> dict[str, Table]:
    return {OWN_TRAIN: Table(*(part[:1200] for part in digits)), OWN_TEST: Table(*(part[1200:1500] for part in digits))}


@pytest.fixture(scope="module")
def done(workspace: Workspace, users_files: dict[str, Table]) -> Workspace:
    """The clone after a user put CSVs of their own in place and ran the pipeline once."""
    for path, table in users_files.items():
        save_csv(workspace.root / path, table)
    workspace.run("dvc", "add", OWN_TRAIN, OWN_TEST)
    workspace.set_params(
        data__train_csv=OWN_TRAIN,
        data__test_csv=OWN_TEST,
        **{f"models__{model}__epochs": epochs for model, epochs in EPOCHS.items()},
        **{f"models__{model}__batch_size": 64 for model in EPOCHS},
        **{f"gate__floor__{model}": 0.2 for model in EPOCHS},
    )
    workspace.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    workspace.commit("My own data")
    return workspace


def test_everything_is_made(done: Workspace, users_files: dict[str, Table]):
    labels = users_files[OWN_TEST].labels
    for model in EPOCHS:
        metrics = json.loads((done.root / f"metrics/{model}.json").read_text())
        assert {"train", "validation", "test", "recall", "parameters"} == set(metrics)
        predictions = pd.read_csv(done.root / f"plots/{model}/predictions.csv")
        assert np.array_equal(predictions.actual, labels)
        accuracy = (predictions.actual == predictions.predicted).mean()
        assert metrics["test"]["accuracy"] == pytest.approx(accuracy, abs=1e-5) and accuracy > 0.2
        losses = pd.read_csv(done.root / f"plots/{model}/losses.csv")
        assert losses.loss.mean() == pytest.approx(metrics["test"]["loss"], abs=1e-4)
        assert set(metrics["validation"]) == {"accuracy", "loss", "brier", "ece", "ece_low", "ece_high"}
        assert pd.read_csv(done.root / f"plots/{model}/reliability.csv").images.sum() == len(labels)
        for corruption in CORRUPTIONS:
            curve = pd.read_csv(done.root / f"plots/{model}/robustness/{corruption}.csv")
            assert curve.accuracy[0] == pytest.approx(accuracy, abs=1e-5)  # of all images, as there are so few
        history = pd.read_csv(done.root / f"plots/{model}/history.csv")
        assert set(history) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
        assert history.epoch.tolist() == list(range(1, EPOCHS[model] + 1))
    submission = pd.read_csv(done.root / "data/submission.csv")
    assert np.array_equal(submission.ImageId, np.arange(1, len(labels) + 1))
    assert np.array_equal(submission.Label, pd.read_csv(done.root / "plots/cnn/predictions.csv").predicted)


def test_a_second_run_gives_the_same_bytes_and_touches_no_users_file(done: Workspace):
    kept = ("dvc.lock", "data/**/*", "models/*", "metrics/*", "plots/**/*")
    before = bytes_of(done, *kept)
    assert {"models/cnn.keras", "models/mlp.onnx", "plots/cnn/misclassified.png", OWN_TRAIN} < set(before)
    printed = done.run("dvc", "repro", "-f", *ALL_BUT_DOWNLOAD)
    assert ran(printed) == ALL_STAGES
    assert bytes_of(done, *kept) == before
    assert done.run("git", "status", "--porcelain") == ""


def test_a_run_with_nothing_to_do_does_nothing(done: Workspace):
    assert ran(done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)) == set()


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("pictures", {"evaluate@mlp", "evaluate@cnn"}),
        ("networks", {"train@mlp", "train@cnn"}),
        ("submit", {"submit"}),
    ],
)
def test_an_edited_module_reruns_the_stages_that_import_it(module: str, stages: set[str], done: Workspace):
    path = done.root / f"stages/{module}.py"
    source = path.read_text()
    path.write_text(source + "\n# an edit\n")
    printed = done.run("dvc", "status")
    path.write_text(source)
    assert changed(printed) - {"download"} == stages  # download never ran here


def test_a_changed_param_reruns_what_hangs_on_it_and_shows_in_the_diffs(done: Workspace):
    done.set_params(models__mlp__epochs=12)
    printed = done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert ran(printed) == {"train@mlp", "evaluate@mlp"}
    done.commit("Train the mlp for longer")

    difference = json.loads(done.run("dvc", "metrics", "diff", "HEAD~1", "--json"))
    assert set(difference) == {"metrics/mlp.json"}
    assert "test.accuracy" in done.run("dvc", "metrics", "diff", "HEAD~1", "--md")
    assert "models.mlp.epochs" in done.run("dvc", "params", "diff", "HEAD~1")
    done.run("dvc", "plots", "diff", "HEAD~1")
    page = (done.root / "dvc_plots/index.html").read_text()
    assert "HEAD~1" in page and "val_accuracy" in page and "misclassified.png" in page


def test_a_network_is_trained_anew_after_its_teacher_and_not_before(done: Workspace):
    done.set_params(models__cnn__epochs=1)
    assert ran(done.run("dvc", "repro", "train@mlp")) == {"train@cnn", "train@mlp"}
    done.set_params(models__mlp__learning_rate=0.001)
    assert ran(done.run("dvc", "repro", "train@cnn", "train@mlp")) == {"train@mlp"}
    restore(done)


def test_a_network_without_a_teacher_depends_on_no_other(done: Workspace):
    done.set_params(models__mlp__teacher="none")
    assert ran(done.run("dvc", "repro", "train@mlp")) == {"train@mlp"}
    done.set_params(models__cnn__epochs=1)
    assert ran(done.run("dvc", "repro", "train@mlp")) == set()
    restore(done)


def test_without_models_all_comes_back_by_a_run(done: Workspace):
    made = ("models/*.keras", "models/*.onnx")
    before = bytes_of(done, *made)
    assert "models/none.keras" in before
    done.run("rm", "-r", "models")
    done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert bytes_of(done, *made) == before
    restore(done)


@pytest.mark.parametrize(
    ("teacher", "of_dvc", "message"),
    [
        ("mlp", "defined as both a dependency and an output", "models.mlp.teacher: no network can teach itself"),
        ("rnn", "models/rnn.keras", "models/rnn.keras is missing, which models.mlp.teacher in params.yaml names"),
    ],
)
def test_a_teacher_that_cannot_be_is_an_error(teacher: str, of_dvc: str, message: str, done: Workspace):
    done.set_params(models__mlp__teacher=teacher)
    by_hand = done.call("python", "-m", "stages.train", "mlp").stdout
    by_dvc = done.call("dvc", "repro", "train@mlp").stdout
    restore(done)
    assert f"error: {message}" in by_hand
    assert of_dvc in by_dvc


def test_the_gate_catches_a_network_trained_for_one_epoch(done: Workspace):
    printed = done.fails("python", "-m", "checks.regression", "HEAD", "--head", "HEAD~1")
    assert "exit status 1" in printed
    assert "REGRESSION: mlp: accuracy, loss" in printed
    assert "no regression" in done.run("python", "-m", "checks.regression", "HEAD~1")


def test_the_gate_passes_a_change_of_seed_alone(done: Workspace):
    done.set_params(seed=7)
    assert ran(done.run("dvc", "repro", "evaluate@mlp")) == {"preprocess", "train@cnn", "train@mlp", "evaluate@mlp"}
    printed = done.run("python", "-m", "checks.regression", "HEAD")
    assert "no regression" in printed
    assert "every prediction and every loss is the same" not in printed
    restore(done)
    assert "every prediction and every loss is the same" in done.run("python", "-m", "checks.regression", "HEAD")


def test_plots_show_every_plot(done: Workspace):
    plots = json.loads(done.run("dvc", "plots", "show", "--json"))
    assert "errors" not in plots
    assert {"accuracy", "loss", "recall by digit", "confusion of cnn", "confusion of cnn, normalised"} < set(
        plots["data"]
    )
    assert {f"accuracy against {corruption}" for corruption in CORRUPTIONS} < set(plots["data"])
    assert {"plots/mlp/samples.png", "plots/cnn/misclassified.png", "plots/cnn/reliability.png"} < set(plots["data"])


def test_a_test_csv_without_labels_is_as_valid(done: Workspace, users_files: dict[str, Table]):
    done.run("dvc", "remove", f"{OWN_TEST}.dvc")
    save_csv(done.root / OWN_TEST, users_files[OWN_TEST]._replace(labels=None))
    done.run("dvc", "add", OWN_TEST)
    predicted = pd.read_csv(done.root / "data/submission.csv")
    printed = done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert ran(printed) == {"preprocess", "evaluate@mlp", "evaluate@cnn"}  # the images, and so training, are the same
    metrics = json.loads((done.root / "metrics/cnn.json").read_text())
    assert {"train", "validation", "recall", "parameters"} == set(metrics)
    validation = np.load(done.root / "data/prepared/validation_labels.npy")
    assert np.array_equal(pd.read_csv(done.root / "plots/cnn/predictions.csv").actual, validation)
    assert pd.read_csv(done.root / "data/submission.csv").equals(predicted)
    done.commit("A test.csv without labels")


@pytest.mark.parametrize(("validation", "options"), [(0.2, []), (0.3, ["--temp"])], ids=["in place", "temp"])
def test_an_experiment_touches_no_users_file(validation: float, options: list[str], done: Workspace):
    before = bytes_of(done, "data/*.csv")
    printed = done.run("dvc", "exp", "run", *options, "-S", f"split.validation={validation}", "preprocess")
    assert ran(printed) == {"preprocess"}
    assert bytes_of(done, OWN_TRAIN, OWN_TEST).items() <= before.items()
    restore(done)
    assert bytes_of(done, "data/*.csv") == before


def test_after_a_failed_stage_the_earlier_outputs_come_back(done: Workspace):
    before = bytes_of(done, "data/**/*", "models/*")
    path = done.root / OWN_TRAIN
    path.write_bytes(path.read_bytes().replace(b",0,", b",x,", 1))
    printed = done.fails("dvc", "repro", "preprocess")
    assert f"error: {OWN_TRAIN}, line 2, column" in printed
    assert bytes_of(done, "data/**/*") != before
    restore(done)
    assert bytes_of(done, "data/**/*", "models/*") == before
    assert ran(done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)) == set()


def test_a_damaged_array_is_refused_and_made_again(done: Workspace):
    path = done.root / "data/prepared/train_images.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1000])
    printed = done.fails("python", "-m", "stages.evaluate", "mlp")
    assert "error: data/prepared/train_images.npy is damaged" in printed and "run dvc repro" in printed
    done.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert path.read_bytes() == whole
    assert done.run("git", "status", "--porcelain") == ""


def test_a_wrong_param_stops_the_run_at_once(done: Workspace):
    done.set_params(split__validation=1)
    printed = done.fails("dvc", "repro", *ALL_BUT_DOWNLOAD)
    restore(done)
    assert "error: params.yaml: split.validation: expected 0.001 to 0.9, found 1.0" in printed


@pytest.mark.parametrize("arguments", [["rnn"], []])
def test_a_stage_says_which_models_there_are(arguments: list[str], done: Workspace):
    assert "{mlp,cnn}" in done.fails("python", "-m", "stages.evaluate", *arguments)


def test_the_default_paths_with_a_users_file_beside_them_are_pointed_out(done: Workspace):
    assert not Path(done.root / "data/mnist").joinpath("train.csv").exists()
    done.set_params(data__train_csv="data/mnist/train.csv")
    printed = done.fails("python", "-m", "stages.preprocess")
    done.run("git", "checkout", "--", "params.yaml")
    assert f"warning: {OWN_TRAIN} is not used" in printed
    assert "error: data/mnist/train.csv is not a file" in printed
