import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from checks.gate.results import LOSS_UNIT, flatten, read_results
from checks.gate.snapshot import LOSSES, METRICS, PREDICTIONS, Snapshot
from stages.artifacts.errors import PipelineError
from stages.inference.losses import losses
from tests.helpers.repository import Repository, labels, probabilities

AT = {"metrics": "metrics/cnn.json", "predictions": "plots/cnn/predictions.csv", "losses": "plots/cnn/losses.csv"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    repository = Repository(tmp_path_factory.mktemp("results"))
    repository.write_results("cnn", seed=10)
    return {path: (repository.root / path).read_bytes() for path in AT.values()}


def read(files: dict[str, bytes]):
    return read_results(Snapshot("here", "0" * 40, files), "cnn")


def fault(files: dict[str, bytes], name: str, change: Callable[[bytes], bytes]) -> str:
    """Return the error of a set of files in which one was changed."""
    changed = files | {AT[name]: change(files[AT[name]])}
    assert changed != files
    with pytest.raises(PipelineError) as raised:
        read(changed)
    return str(raised.value)


def test_results_are_what_evaluate_wrote(files):
    results = read(files)
    expected = probabilities(labels(), seed=10)
    assert results.subset == "test"
    np.testing.assert_array_equal(results.actual, labels())
    np.testing.assert_array_equal(results.predicted, expected.argmax(axis=1))
    np.testing.assert_allclose(results.losses * LOSS_UNIT, losses(labels(), expected), atol=0.5 * LOSS_UNIT + 1e-9)
    assert results.metrics["test.accuracy"] == round(results.correct.mean(), 5)
    assert 0.95 < results.correct.mean() < 1


def test_the_paths_are_those_that_evaluate_writes(files):
    assert {pattern.replace("*", "cnn") for pattern in (METRICS, PREDICTIONS, LOSSES)} == set(files)


def test_without_test_labels_the_images_are_those_of_the_validation(tmp_path: Path):
    repository = Repository(tmp_path)
    repository.write_results("cnn", seed=10, subset="validation")
    assert read({path: (tmp_path / path).read_bytes() for path in AT.values()}).subset == "validation"


def test_windows_line_ends_are_accepted(files):
    results = read(files | {path: text.replace(b"\n", b"\r\n") for path, text in files.items()})
    assert results.identical(read(files))


@pytest.mark.parametrize("name", ["predictions", "losses"])
def test_a_file_truncated_anywhere_is_an_error(files, name):
    text = files[AT[name]]
    middle = text.index(b"\n", len(text) // 2)
    for end in (
        0,
        3,
        text.index(b"\n"),
        text.index(b"\n") + 1,
        middle - 1,
        middle,
        middle + 1,
        middle + 2,
        len(text) - 1,
    ):
        assert f"plots/cnn/{name}.csv" in fault(files, name, lambda whole, end=end: whole[:end]) or end == middle + 1
    assert "rows, predictions.csv" in fault(files, name, lambda whole: whole[: middle + 1])  # whole lines


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("predictions", b"actual,predicted\n", b"predicted,actual\n", "line 1: expected 'actual,predicted'"),
        ("predictions", b"actual,predicted\n", b"actual,predicted\n\n", "line 2: expected the form"),
        ("predictions", b"actual,predicted\n", b"actual,predicted\n10,1\n", "line 2: expected the form"),
        ("predictions", b"actual,predicted\n", b"actual,predicted\n1,nan\n", "found '1,nan'"),
        ("predictions", b"actual,predicted\n", b"actual,predicted\n1,-1\n", "found '1,-1'"),
        ("losses", b"loss\n", b"loss\nnan\n", "line 2: expected the form"),
        ("losses", b"loss\n", b"loss\ninf\n", "found 'inf'"),
        ("losses", b"loss\n", b"loss\n-0.00001\n", "found '-0.00001'"),
        ("losses", b"loss\n", b"loss\n<<<<<<< HEAD\n", "found '<<<<<<< HEAD'"),
        ("metrics", b"{", b"", "not valid JSON"),
        ("metrics", b"{", b"\xff{", "not valid JSON"),
        ("metrics", b'"loss":', b'"perte":', "has no train.loss"),
        ("metrics", b'"train":', b'"training":', "has no train.accuracy"),
    ],
)  # fmt: skip
def test_a_malformed_file_is_an_error_that_names_the_line(files, name, old, new, words):
    assert words in fault(files, name, lambda text: text.replace(old, new, 1))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "0.99", True, [0.99]])
def test_a_metric_that_is_not_a_finite_number_is_an_error(files, value):
    def change(text: bytes) -> bytes:
        metrics = json.loads(text)
        metrics["train"]["brier"] = value
        return json.dumps(metrics).encode()

    assert "train.brier is" in fault(files, "metrics", change)


def edited(subset: str, name: str, value: float) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        metrics = json.loads(text)
        metrics[subset][name] += value
        return json.dumps(metrics).encode()

    return change


@pytest.mark.parametrize("name", ["accuracy", "loss"])
@pytest.mark.parametrize("more", [True, False])
def test_metrics_that_the_rows_do_not_give_are_a_contradiction(files, name, more):
    change = edited("test", name, 3e-5 if more else -3e-5)
    [found] = read(files | {AT["metrics"]: change(files[AT["metrics"]])}).contradictions
    assert f"test.{name} is" in found.message
    assert (found.better, found.worse) == ((more, not more) if name != "loss" else (not more, more))
    assert read(files | {AT["metrics"]: edited("test", name, 1e-10)(files[AT["metrics"]])}).contradictions == []


def test_flatten_names_the_leaves_as_dvc_does():
    assert dict(flatten({"a": {"b": 1, 7: {"c": [2]}}, "d": None})) == {"a.b": 1, "a.7.c": [2], "d": None}


def test_losses_in_a_different_order_are_a_contradiction(files):
    def reverse(text: bytes) -> bytes:
        header, *rows = text.splitlines(keepends=True)
        return header + b"".join(reversed(rows))

    [found] = read(files | {AT["losses"]: reverse(files[AT["losses"]])}).contradictions
    assert "prediction cannot have the loss" in found.message
    assert (found.better, found.worse) == (False, False)


@pytest.mark.parametrize("value", ["1" + 400 * "0", "NaN", "-Infinity", "[" * 100_000])
def test_a_metric_beyond_the_range_of_floats_is_an_error(files, value: str):
    assert "metrics/" in fault(
        files, "metrics", lambda text: text.replace(b'"parameters": 1000', f'"parameters": {value}'.encode())
    )
