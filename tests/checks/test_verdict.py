"""Changes, comparability and verdicts, on snapshots in memory."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from checks.gate import statistics
from checks.gate.changes import Change, assess, questions
from checks.gate.comparability import Pair
from checks.gate.judge import judge
from checks.gate.results import Results
from checks.gate.snapshot import Snapshot
from checks.gate.tables import conclusion, shown
from stages.artifacts.errors import PipelineError
from stages.ingest.gate_params import GateParams, MarginParams, parse_gate
from tests.helpers.repository import NETWORKS, Repository, labels, probabilities
from tests.helpers.workspace import ROOT

GATE = parse_gate((ROOT / "params.yaml").read_bytes(), "params.yaml")


def assessed(pair: Pair, gate: GateParams, share: int) -> list[Change]:
    return assess("base", "cnn", pair, gate, share, lambda network, name: pytest.fail(name))


def results(seed: int, shift: float = 0.0, images: int = 3_000) -> Results:
    actual = labels(images)
    predicted = probabilities(actual, seed, shift)
    nats = -np.log(predicted[np.arange(images), actual])
    return Results("test", {}, actual, predicted.argmax(axis=1), np.rint(nats * 1e5).astype(np.int64))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    root = Repository.create(tmp_path_factory.mktemp("verdict") / "repository").root
    files = {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.*") if ".git" not in path.parts
    }
    return Snapshot("base", "0" * 40, files)


def test_each_measure_is_that_of_its_images():
    pair = Pair(results(1), results(2))
    accuracy, loss, *recalls = assessed(pair, GATE, share=6)
    assert accuracy.measured.base == pair.base.correct.mean()
    assert accuracy.measured.head == pair.head.correct.mean()
    assert loss.measured.head == pytest.approx(pair.head.losses.mean() / 1e5)
    assert [recall.measure for recall in recalls] == [f"recall of {digit}" for digit in range(10)]
    assert recalls[4].measured.base == pair.base.correct[pair.base.actual == 4].mean()
    assert sum(recall.measured.pairs.lost for recall in recalls) == accuracy.measured.pairs.lost > 0
    assert sum(recall.measured.pairs.images for recall in recalls) == 3_000


def test_the_questions_share_alpha_and_the_digits_share_their_question():
    pair = Pair(results(1), results(2, shift=-0.5))
    accuracy, loss, *recalls = assessed(pair, GATE, share=6)
    for change in (accuracy, loss):
        assert change.p_corrected == min(1, 6 * change.measured.p)
    holm = statistics.holm([recall.measured.p for recall in recalls])
    assert [recall.p_corrected for recall in recalls] == [min(1, 6 * p) for p in holm]
    assert min(recall.p_corrected for recall in recalls) == pytest.approx(
        min(1, 60 * min(r.measured.p for r in recalls))
    )


def test_alpha_decides():
    pair = Pair(results(1), results(2, shift=-0.3))
    p = assessed(pair, GATE, share=6)[0].p_corrected
    assert 0.001 < p < 0.5
    assert assessed(pair, GATE.changed(alpha=p), share=6)[0].verdict == "REGRESSION"
    assert assessed(pair, GATE.changed(alpha=p * 0.999), share=6)[0].verdict == "not decided"


def test_a_gain_is_never_a_regression():
    changes = assessed(Pair(results(1), results(2, shift=1)), GATE.changed(alpha=0.5), share=3)
    assert changes[0].verdict == "no drop > 0.2%"
    assert changes[1].verdict == "no rise > 0.005"


@pytest.mark.parametrize("measure", ["accuracy", "loss", "recall of 3"])
def test_a_drop_of_more_than_the_margin_is_excluded_by_the_interval(measure: str):
    pair = Pair(results(1), results(2))
    [change] = [c for c in assessed(pair, GATE, share=6) if c.measure == measure]
    low, high = change.measured.interval
    reach = high if measure == "loss" else -low
    for margin, undecided in ((reach + 1e-6, False), (reach - 1e-6, True)):
        margins = MarginParams(**dict(GATE.margin) | {measure.split()[0]: margin})
        [change] = [c for c in assessed(pair, GATE.changed(margin=margins), share=6) if c.measure == measure]
        assert change.undecided is undecided
        assert not change.regression


@pytest.mark.slow
def test_the_whole_gate_keeps_its_level():
    """All tests together of networks that differ only by seed raise at most alpha false alarms."""
    alarms = 0
    for seed in range(0, 600, 4):
        pairs = [Pair(results(seed + i, images=600), results(seed + i + 1, images=600)) for i in (1000, 2002)]
        alarms += any(
            change.regression for pair in pairs for change in assessed(pair, GATE.changed(alpha=0.2), share=6)
        )
    assert alarms / 150 < 0.2 + 2 * math.sqrt(0.2 * 0.8 / 150)


LIMITED = {
    "mlp": {},
    "cnn": {"accuracy": {"min_gain": 0.001}, "f1.7": {"max_drop": 0.002}, "brier": {"max_drop": 0.1, "relative": True}},
}


def limited(metrics: dict[str, dict], alpha: float = 0.05) -> GateParams:
    return GateParams.model_validate(GATE.model_dump(exclude_unset=True) | {"metrics": metrics, "alpha": alpha})


def changes_with(limits: dict[str, dict], pair: Pair, brier: tuple[float, float] = (0.1, 0.1)) -> dict[str, Change]:
    gate = limited({"mlp": {}, "cnn": limits})
    changes = assess("base", "cnn", pair, gate, questions(gate, ["mlp", "cnn"]), lambda network, name: brier)
    return {change.measure: change for change in changes}


def test_each_further_test_is_a_question_more():
    assert questions(GATE, ["mlp", "cnn"]) == 6
    assert questions(limited(LIMITED), ["mlp", "cnn"]) == 7  # neither brier nor a gain is a test of a drop
    changes = changes_with(LIMITED["cnn"], Pair(results(1), results(2, shift=-0.3)))
    for name in ("accuracy", "f1.7"):
        assert changes[name].p_corrected == min(1, 7 * changes[name].measured.p)


@pytest.mark.parametrize(
    ("max_drop", "verdict"), [(0.01, "REGRESSION"), (0.045, "not decided"), (0.06, "no drop > 6%")]
)
def test_a_ratio_may_drop_by_its_limit(max_drop: float, verdict: str):
    shift = np.where(labels() == 7, -2.5, 2.0)
    change = changes_with({"f1.7": {"max_drop": max_drop}}, Pair(results(1), results(1, shift)))["f1.7"]
    assert change.p_corrected < 0.05
    assert 0.01 < change.drop < 0.045 < change.largest_drop < 0.06
    assert change.verdict == verdict


def test_a_drop_of_a_ratio_beyond_its_limit_may_be_noise():
    change = changes_with({"f1.7": {"max_drop": 0}}, Pair(results(1), results(5)))["f1.7"]
    assert change.drop > 0
    assert change.verdict == "not decided"


@pytest.mark.parametrize(
    ("limit", "brier", "verdict"),
    [
        ({"max_drop": 0.02}, (0.1, 0.119), "no rise > 0.02 (no test)"),
        ({"max_drop": 0.02}, (0.1, 0.121), "REGRESSION"),
        ({"max_drop": 0.1, "relative": True}, (0.1, 0.109), "no rise > 0.01 (no test)"),
        ({"max_drop": 0.1, "relative": True}, (0.1, 0.111), "REGRESSION"),
        ({"max_drop": 0.0}, (0.1, 0.1), "no rise > 0 (no test)"),
        ({"min_gain": 0.02}, (0.1, 0.079), "gain >= 0.02"),
        ({"min_gain": 0.02}, (0.1, 0.081), "NO GAIN >= 0.02"),
        ({"min_gain": 0.02}, (0.1, 0.9), "NO GAIN >= 0.02"),
    ],
)
def test_a_figure_is_compared_with_its_limit(limit: dict, brier: tuple[float, float], verdict: str):
    change = changes_with({"brier": limit}, Pair(results(1), results(1)), brier)["brier"]
    assert change.verdict == verdict
    assert not change.undecided


@pytest.mark.parametrize("name", ["accuracy", "loss", "recall.7", "precision.7"])
def test_a_gain_is_shown_by_the_interval(name: str):
    pair = Pair(results(1, shift=-2), results(2, shift=1))
    shown = name.replace("recall.", "recall of ")
    least = -changes_with({name: {"min_gain": 0}}, pair)[shown].largest_drop
    assert least > 0
    assert not changes_with({name: {"min_gain": least * 0.999}}, pair)[shown].without_gain
    assert changes_with({name: {"min_gain": least * 1.001}}, pair)[shown].without_gain
    assert changes_with({name: {"min_gain": 0.0}}, Pair(pair.head, pair.base))[shown].without_gain


def test_digits_that_do_not_occur_are_not_tested():
    actual = np.repeat(np.array([3, 8], np.uint8), 50)
    one = Results("test", {}, actual, actual, np.zeros(100, np.int64))
    assert [c.measure for c in assessed(Pair(one, one), GATE, share=6)] == [
        "accuracy",
        "loss",
        "recall of 3",
        "recall of 8",
    ]


def test_a_network_that_params_do_not_have_is_not_comparable(snapshot):
    stranger = replace(snapshot, name="head", files=snapshot.files | {"metrics/vit.json": b"{}"})
    for sides in ((snapshot, stranger), (stranger, snapshot)):
        with pytest.raises(PipelineError, match=r"head has metrics/vit\.json, and params.yaml names no network 'vit'"):
            judge([sides[0]], sides[1])


def test_a_network_on_one_side_only_is_not_comparable(snapshot):
    files = {path: text for path, text in snapshot.files.items() if "cnn" not in path}
    with pytest.raises(PipelineError, match=r"head has no metrics/cnn\.json"):
        judge([snapshot], replace(snapshot, name="head", files=files))


@pytest.mark.parametrize(("actual", "words"), [
    (labels(2_999), "different test rows of mlp: 3,000 in base, 2,999 in head"),
    (np.roll(labels(), 1), "a different order"),
    (np.where(np.arange(3_000) == 5, 9 - labels(), labels()).astype(np.uint8), "differ, first in line 7"),
])  # fmt: skip
def test_different_images_are_not_comparable(snapshot, tmp_path, actual, words):
    for network in NETWORKS:
        Repository(tmp_path).write_results(network, seed=10, actual=actual)
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")}
    with pytest.raises(PipelineError, match=words):
        judge([snapshot], replace(snapshot, name="head", files=snapshot.files | files))


def test_networks_on_different_images_are_not_comparable(snapshot, tmp_path):
    Repository(tmp_path).write_results("cnn", seed=10, actual=labels(500))
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")}
    both = replace(snapshot, files=snapshot.files | files)
    with pytest.raises(PipelineError, match="have different images"):
        judge([both], both)


def test_a_lock_that_names_no_source_is_noted(snapshot):
    for lock in (b"", b"[]", b"stages: {}"):
        head = replace(snapshot, name="head", files=snapshot.files | {"dvc.lock": lock})
        assert "dvc.lock of head names no source" in judge([snapshot], head).notes[0]
    assert judge([snapshot], replace(snapshot, commit="1" * 40)).notes == []
    with pytest.raises(PipelineError, match=r"dvc\.lock of head is not valid YAML"):
        judge([snapshot], replace(snapshot, name="head", files=snapshot.files | {"dvc.lock": b"<<<<<<< a: [\n"}))


def test_a_different_split_makes_different_validation_images(snapshot, tmp_path):
    for network in NETWORKS:
        Repository(tmp_path).write_results(network, seed=10, subset="validation")
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")}
    base = replace(snapshot, files=snapshot.files | files)
    lock = base.files["dvc.lock"]
    assert judge([base], replace(base, files=base.files | {"dvc.lock": lock.replace(b"1" * 32, b"2" * 32)})).identical
    with pytest.raises(PipelineError, match="different validation images"):
        judge([base], replace(base, files=base.files | {"dvc.lock": lock.replace(b"seed: 42", b"seed: 43")}))


def test_a_table_shows_a_recall_that_is_not_decided_first():
    pair = Pair(results(3), results(4))
    recalls = assessed(pair, GATE, share=6)[2:]
    widest = min(recalls, key=lambda change: change.measured.interval[0])
    assert widest.measured.p > min(change.measured.p for change in recalls)
    margins = MarginParams(accuracy=0.5, loss=5, recall=-widest.measured.interval[0])
    changes = assessed(pair, GATE.changed(margin=margins), share=6)
    assert [change.measure for change in shown(changes)] == ["accuracy", "loss", widest.measure]


def test_a_table_shows_the_recall_with_the_smallest_p():
    changes = assessed(Pair(results(1), results(2)), GATE, share=6)
    rows = shown([replace(change, identical=True) for change in changes])
    assert [row.measure for row in rows[:2]] == ["accuracy", "loss"]
    assert rows[2].measured.p == min(change.measured.p for change in changes[2:])
    assert len(rows) == 3


def test_a_broken_floor_outweighs_no_difference(snapshot):
    params = snapshot.files["params.yaml"].replace(b"cnn: 0.9\n", b"cnn: 0.999\n")
    verdict = judge([snapshot], replace(snapshot, files=snapshot.files | {"params.yaml": params}))
    assert conclusion(verdict) == "REGRESSION: cnn: below its floor"


def with_metrics(snapshot: Snapshot, network: str, name: str, change: float) -> Snapshot:
    path = f"metrics/{network}.json"
    metrics = json.loads(snapshot.files[path])
    metrics["test"][name] += change
    return replace(snapshot, files=snapshot.files | {path: json.dumps(metrics).encode()})


@pytest.mark.parametrize(("name", "worse"), [("accuracy", -0.001), ("loss", 0.01)])
def test_half_a_commit_does_not_hide_a_drop(snapshot: Snapshot, name: str, worse: float):
    """The metrics of the new network, the rows of the old one: by the rows alone there is no difference."""
    with pytest.raises(PipelineError, match=f"test.{name} is"):
        judge([snapshot], with_metrics(snapshot, "cnn", name, worse))
    with pytest.raises(PipelineError, match=f"test.{name} is"):
        judge([with_metrics(snapshot, "cnn", name, -worse)], snapshot)


def test_a_contradiction_that_hides_no_drop_is_noted(snapshot: Snapshot):
    verdict = judge([snapshot], with_metrics(snapshot, "cnn", "accuracy", 0.001))
    assert not verdict.regressions
    assert any("test.accuracy is" in note for note in verdict.notes)


@pytest.mark.parametrize(("wrong", "regressions"), [(3, {}), (90, {"mlp"})])
def test_predictions_are_assessed_even_if_contradicted(snapshot: Snapshot, wrong: int, regressions: set[str]):
    path = "plots/mlp/predictions.csv"
    header, *rows = snapshot.files[path].decode().splitlines()
    for i in range(0, 30 * wrong, 30):
        actual = int(rows[i][0])
        rows[i] = f"{actual},{(actual + 3) % 10}"
    text = "\n".join([header, *rows, ""]).encode()
    verdict = judge([snapshot], replace(snapshot, files=snapshot.files | {path: text}))
    assert set(verdict.regressions) == set(regressions)
    assert any("test.accuracy is" in note for note in verdict.notes)


def test_an_accuracy_below_the_floor_is_a_regression_in_either_file(snapshot: Snapshot):
    verdict = judge([snapshot], with_metrics(snapshot, "cnn", "accuracy", -0.5))
    assert verdict.regressions == {"cnn": ["below its floor"]}
