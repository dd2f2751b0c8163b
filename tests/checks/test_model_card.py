"""The model card as it is committed, and what it says of other results than those."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.stats import norm

from checks.card.card import collect
from checks.gate import snapshot
from checks.gate.official import DOUBTFUL, IMAGES, MNIST, read_official
from checks.gate.results import Results
from checks.gate.shares import Share
from checks.gate.snapshot import PEERS, Snapshot
from checks.model_card import MODEL_CARD, main, markdown, reflow
from stages.artifacts.errors import PipelineError
from stages.config.params import DataParams
from tests.helpers.repository import IMAGES as FEW
from tests.helpers.repository import NETWORKS, Repository
from tests.helpers.workspace import ROOT


@pytest.fixture(scope="module")
def here() -> Snapshot:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return snapshot.of_workspace()


def card(snapshot: Snapshot) -> str:
    return markdown(collect(snapshot))


def with_files(snapshot: Snapshot, files: Mapping[str, bytes]) -> Snapshot:
    return replace(snapshot, files=snapshot.files | files)


def with_params(snapshot: Snapshot, **values: object) -> Snapshot:
    """Set keys of params.yaml, dots written as two underscores."""
    tree = yaml.safe_load(snapshot.files["params.yaml"])
    for key, value in values.items():
        *parents, name = key.split("__")
        branch = tree
        for parent in parents:
            branch = branch[parent]
        assert branch[name] != value
        branch[name] = value
    return with_files(snapshot, {"params.yaml": yaml.safe_dump(tree).encode()})


def with_metric(snapshot: Snapshot, subset: str, name: str, value: float) -> Snapshot:
    """Set a metric of the cnn."""
    metrics = json.loads(snapshot.files["metrics/cnn.json"])
    metrics[subset][name] = value
    return with_files(snapshot, {"metrics/cnn.json": json.dumps(metrics).encode()})


def unlabelled(snapshot: Snapshot, scratch: Path) -> Snapshot:
    """What a user's own files without test labels leave behind."""
    repository = Repository(scratch)
    for network in NETWORKS:
        repository.write_results(network, seed=10, subset="validation")
    files = {path.relative_to(scratch).as_posix(): path.read_bytes() for path in scratch.rglob("*.*") if path.is_file()}
    lock = yaml.safe_load(snapshot.files["dvc.lock"])
    for out in lock["stages"]["preprocess"]["outs"]:
        if out["path"] == "data/prepared/validation_images.npy":
            out["size"] = 128 + FEW * 28 * 28 * 4
    files["dvc.lock"] = yaml.safe_dump(lock).encode()
    own = {"data__train_csv": "data/train.csv", "data__test_csv": "data/test.csv"}
    return with_params(with_files(snapshot, files), **own)


def row(text: str, *begin: str) -> list[str]:
    """The cells of the one row that begins with these."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    [found] = [cells for cells in rows if tuple(cells[: len(begin)]) == begin]
    return found


def test_the_committed_card_is_not_stale(here: Snapshot, monkeypatch: pytest.MonkeyPatch):
    """Or that of the last commit: after dvc repro on another CPU only that holds."""
    monkeypatch.chdir(ROOT)
    shown = MODEL_CARD.read_text(encoding="utf-8")
    assert shown == card(here) or shown == card(snapshot.of_commit("HEAD")), "run python -m checks.model_card"


def test_the_command_writes_the_card_and_knows_when_it_is_stale(
    here: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for path, content in here.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    repository = Repository(tmp_path)
    repository.git("init", "--quiet")
    repository.commit("results")
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> None:
        monkeypatch.setattr(sys, "argv", ["model_card", *options])
        main()

    with pytest.raises(PipelineError, match="is stale"):
        run("--check")
    assert not MODEL_CARD.exists()
    run()
    run("--check")
    assert MODEL_CARD.read_text(encoding="utf-8") == card(here)
    repository.edit_metrics("cnn", "train", brier=0.5)
    command = [sys.executable, "-m", "checks.model_card", "--check"]
    finished = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert finished.returncode == 1
    assert finished.stderr == "error: MODEL_CARD.md is stale: run python -m checks.model_card\n"


def test_the_figures_are_those_of_the_files(here: Snapshot):
    text = card(here)
    for name in NETWORKS:
        metrics = json.loads(here.file(snapshot.METRICS, name))
        for subset in {"train", "validation", "test"} & metrics.keys():
            of = metrics[subset]
            cells = row(text, f"`{name}`", subset)
            assert cells[2] == f"{100 * of['accuracy']:.2f} %"
            assert cells[4:7] == [f"{of['loss']:.4f}", f"{of['brier']:.4f}", f"{100 * of['ece']:.2f} %"]
            assert cells[7] == f"{100 * of['ece_low']:.2f} to {100 * of['ece_high']:.2f} %"
        assert f"{metrics['parameters']:,}" in row(text, "parameters")
    params = yaml.safe_load(here.files["params.yaml"])["models"]
    assert row(text, "rotation") == ["rotation", *(f"±{params[name]['augment']['rotation']:g}°" for name in NETWORKS)]


@pytest.mark.parametrize(
    ("key", "value", "label", "shown"),
    [
        ("models__cnn__augment__zoom", 0.25, "zoom", "±25 %"),
        ("models__cnn__augment__elastic", 1.5, "elastic distortion", "1.5 px (standard deviation)"),
        ("models__cnn__augment__final_epochs", 0, "the last epochs", "as the others"),
        (
            "models__cnn__layers",
            [1, 2, 3, 4],
            "layers",
            "convolutions of 1, 2, 3, 4 channels, ReLU after each, then 10",
        ),
        ("models__cnn__members", 7, "networks that are averaged", "7"),
        ("models__cnn__test_shift", 1, "views that are averaged", "the image, and moved 1 px up, down, left, right"),
        ("models__cnn__teacher", "expert", "learns", "the probabilities of the expert, at temperature 3"),
    ],
)
def test_it_follows_the_params(here: Snapshot, key: str, value: object, label: str, shown: str):
    assert row(card(with_params(here, **{key: value})), label)[2] == shown


def test_it_follows_the_metrics_and_the_curves(here: Snapshot):
    assert row(card(with_metric(here, "train", "accuracy", 0.5)), "`cnn`", "train")[2:4] == [
        "50.00 %",
        "49.50 to 50.50 %",
    ]
    curve = {"plots/cnn/robustness/blur.csv": b"sigma,accuracy\n0.0,0.9\n9.5,0.123\n"}
    assert "| `cnn`, % | 90.0 | 12.3 |" in card(with_files(here, curve))


def test_only_an_interval_that_begins_at_0_lets_chance_be_the_reason(here: Snapshot):
    for low, chance in [(0.0, True), (0.001, False)]:
        text = card(with_metric(here, "test", "ece_low", low))
        [item] = [item for item in text.split("\n- ") if item.startswith("`cnn`: of images with")]
        assert ("chance alone could be the reason" in " ".join(item.split())) == chance


def test_the_commonest_mistakes_come_first(here: Snapshot):
    actual, predicted = np.loadtxt(
        here.file(snapshot.PREDICTIONS, "cnn").decode().splitlines(), int, delimiter=",", skiprows=1, unpack=True
    )
    wrong = actual != predicted
    pairs, counts = np.unique(10 * actual[wrong] + predicted[wrong], return_counts=True)
    first, most = divmod(pairs[counts.argmax()], 10), counts.max()
    named = f"wrong: {first[0]} read as {first[1]} ({most} of {(actual == first[0]).sum():,})"
    assert f"`cnn`, {wrong.sum()} of {len(actual):,} images {named}" in " ".join(card(here).split())


def test_seeds_are_shown_of_a_network_of_this_size_and_training_alone(here: Snapshot):
    metrics = {name: json.loads(here.file(snapshot.METRICS, name)) for name in NETWORKS}
    epochs = {name: yaml.safe_load(here.files["params.yaml"])["models"][name]["epochs"] for name in NETWORKS}
    rows = [
        {"name": name, "accuracy": accuracy, "nll": 0.25, "fit_seconds": 60.0}
        | {"parameters": metrics[name]["parameters"], "epochs": epochs[name]}
        for name in NETWORKS
        for accuracy in (0.5, 0.75)
    ]
    for fit in rows[2:]:  # the cnn's
        fit["epochs"] += 1
    snapshot = with_files(here, {PEERS: json.dumps({"rows": rows, "machine": "a machine; x"}).encode()})
    text = card(snapshot)
    assert row(text, "`mlp`", "62.50 ± 17.68") == ["`mlp`", "62.50 ± 17.68", "0.2500 ± 0.0000", "2", "60 s"]
    assert text.count("0.2500 ± 0.0000") == 1 and "median time on a machine:" in text
    without = {path: content for path, content in here.files.items() if path != snapshot.PEERS}
    assert "Another seed" not in card(replace(here, files=without))


def test_without_test_labels_it_says_so(here: Snapshot, tmp_path: Path):
    text = card(unlabelled(here, tmp_path))
    assert "no labels, so there are no test figures" in row(text, "test")[2]
    assert row(text, "validation")[1] == f"{FEW:,}" and row(text, "train")[1] == row(card(here), "train")[1]
    assert "There are no test figures" in text and "| `cnn` | test |" not in text
    assert "each digit's validation images" in text and "of the validation images" in text


def test_of_a_users_own_data_it_says_nothing_that_holds_for_mnist_alone(here: Snapshot, tmp_path: Path):
    text = card(unlabelled(here, tmp_path))
    assert "`data/train.csv`" in row(text, "train")[2]
    assert not [word for word in ("CC BY-SA", "official of these", "Labels that are wrong", "Census") if word in text]


def test_files_that_contradict_each_other_make_no_card(here: Snapshot):
    fewer = yaml.safe_load(here.files["dvc.lock"])
    for out in fewer["stages"]["preprocess"]["outs"]:
        out["size"] //= 2
    faults = {
        "but its rows make": with_metric(here, "test", "accuracy", 0.5),
        "another number of": with_files(here, {"dvc.lock": yaml.safe_dump(fewer).encode()}),
        "does not say how many": with_files(here, {"dvc.lock": b"stages: {}"}),
        "blur.csv of .* is no table": with_files(here, {"plots/cnn/robustness/blur.csv": b"sigma\n"}),
        "has no params.yaml": replace(here, files={}),
    }
    for message, faulty in faults.items():
        with pytest.raises(PipelineError, match=message):
            collect(faulty)


def test_a_metric_that_is_missing_is_named(here: Snapshot):
    metrics = json.loads(here.files["metrics/cnn.json"])
    del metrics["validation"]["ece_low"]
    with pytest.raises(PipelineError, match=r"metrics/cnn.json of .* has no validation.ece_low: run dvc repro"):
        collect(with_files(here, {"metrics/cnn.json": json.dumps(metrics).encode()}))


@pytest.mark.parametrize(("part", "whole"), [(9961, 10_000), (1, 7)])
def test_an_interval_ends_where_the_share_would_be_just_as_unlikely(part: int, whole: int):
    share = Share(part, whole)
    for end in share.interval:
        distance = abs(share.value - end) / np.sqrt(end * (1 - end) / whole)
        assert distance == pytest.approx(norm.ppf(0.975), rel=1e-6)


def test_an_interval_stays_within_all_and_none():
    assert Share(7, 7).interval[1] == 1 and Share(0, 7).interval[0] == 0


def results(wrong: list[int], subset: str = "test") -> Results:
    actual = np.zeros(IMAGES + 500, np.uint8)
    predicted = actual.copy()
    predicted[wrong] = 1
    return Results(subset, {}, actual, predicted, np.zeros(len(actual), np.int64))


def test_of_the_official_images_the_doubtful_mistakes_are_counted():
    official = read_official(MNIST, results([DOUBTFUL[0], DOUBTFUL[-1], 5, IMAGES, IMAGES + 1]))
    assert official.correct == Share(IMAGES - 3, IMAGES)
    assert (official.wrong, official.doubtful) == (3, 2)


def test_of_other_images_none_is_official():
    assert read_official(DataParams("data/train.csv", "data/test.csv"), results([])) is None
    assert read_official(MNIST, results([], "validation")) is None


def test_prose_is_broken_anew_and_tables_are_left_alone():
    table = f"| {'cell ' * 40}|"
    prose = "word " * 40 + "`code of some words` " * 10
    lines = reflow(f"# Title\n\n{prose}\n\n\n{table}\n\n- {prose}\n  more\n- second\n").splitlines()
    assert table in lines and "- second" in lines and "# Title" in lines
    assert max(len(line) for line in lines if line != table) <= 120
    assert not [line for line in lines if line.count("`") % 2]
    item = lines[lines.index(table) + 2 : lines.index("- second")]
    assert item[0].startswith("- word") and all(line.startswith("  ") for line in item[1:])
