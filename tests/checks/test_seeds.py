import json

import pytest
from scipy import stats

from checks import seeds
from checks.trials import queue, tables
from checks.trials.comparison import Estimate, differences, estimate, estimates, figures
from checks.trials.queue import Trial
from stages.artifacts.errors import PipelineError
from tests.helpers.commands import exit_status

METRICS = {
    f"metrics/{network}.json": {
        "train": {"accuracy": 0.99, "loss": 0.02},
        "validation": {"accuracy": accuracy, "loss": 0.03},
        "test": {"accuracy": 0.97, "loss": 0.04},
        "parameters": 1000,
    }
    for network, accuracy in {"mlp": 0.98, "cnn": 0.985}.items()
}
ACCURACY, LOSS, PARAMETERS = (("mlp", name) for name in ("validation.accuracy", "validation.loss", "parameters"))


def test_estimate_on_a_worked_example():
    # by hand: mean 4, deviation sqrt(((-2)^2 + 0 + 2^2) / 2) = 2, t with 2 degrees of freedom 4.302653
    assert estimate([2, 4, 6]) == pytest.approx(Estimate(4, 2, 4 - 4.302653 * 2 / 3**0.5, 4 + 4.302653 * 2 / 3**0.5))


def test_estimate_of_a_difference_is_the_interval_of_the_paired_t_test():
    first, second = [0.981, 0.984, 0.979, 0.986], [0.979, 0.983, 0.979, 0.982]
    low, high = stats.ttest_rel(first, second).confidence_interval(0.95)
    [difference] = differences([{ACCURACY: value} for value in first], [{ACCURACY: value} for value in second])
    assert (difference.estimate.low, difference.estimate.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("key", "changes", "verdict"),
    [
        (ACCURACY, [0.010, 0.012, 0.011], "better"),
        (ACCURACY, [-0.010, -0.012, -0.011], "worse"),
        (ACCURACY, [0.010, -0.012, 0.011], "not decided"),
        (LOSS, [0.010, 0.012, 0.011], "worse"),
        (LOSS, [-0.010, -0.012, -0.011], "better"),
        (PARAMETERS, [500, 500, 500], "worse"),
        (ACCURACY, [0.0, 0.0, 0.0], "no difference"),
    ],
)
def test_difference_is_decided_if_its_interval_excludes_0(key: tuple, changes: list[float], verdict: str):
    others = [{key: value} for value in (0.5, 0.6, 0.7)]
    runs = [{key: other[key] + change} for other, change in zip(others, changes, strict=True)]
    assert [difference.verdict for difference in differences(runs, others)] == [verdict]


def test_estimates_leave_out_what_a_run_lacks():
    assert list(estimates([{ACCURACY: 0.9, LOSS: 0.1}, {ACCURACY: 0.8}])) == [ACCURACY]


def test_figures_are_those_of_the_chosen_networks_and_subsets_in_their_order():
    assert figures(METRICS, ["cnn"], ["validation", "train"]) == {
        ("cnn", "validation.accuracy"): 0.985,
        ("cnn", "validation.loss"): 0.03,
        ("cnn", "train.accuracy"): 0.99,
        ("cnn", "train.loss"): 0.02,
        ("cnn", "parameters"): 1000,
    }


def test_figures_of_test_images_without_labels_are_left_out():
    unlabelled = {path: {**tree, "test": None} | {} for path, tree in METRICS.items()}
    for tree in unlabelled.values():
        del tree["test"]
    assert not any(metric.startswith("test") for _, metric in figures(unlabelled, ["mlp"], ["validation", "test"]))


def test_trial_has_a_name_of_its_seed_network_and_setting():
    setting = ("models.mlp.epochs=3", "models.mlp.dropout=0.1")
    names = {
        Trial(seed, values, target).name
        for seed in (1, 2)
        for values in ((), setting, setting[:1])
        for target in ("evaluate", "evaluate@mlp")
    }
    assert len(names) == 12
    assert Trial(1, setting, "evaluate").name == Trial(1, setting[::-1], "evaluate").name


def test_queue_reads_the_states_that_dvc_prints():
    printed = (
        "Task     Name          Created       Status\n8d5b6bc  seed2         Nov 26, 2026  Running\n"
        "c8f3c1d                03:10 AM      Queued\n0505d98  seed1-7e34c21  03:10 AM      Success  \n\n"
        "Worker status: 1 active, 0 idle\n"
    )
    assert queue._tasks(printed) == [("seed2", "Running"), ("03:10", "Queued"), ("seed1-7e34c21", "Success")]


@pytest.mark.parametrize("state", ["Queued", "Running"])
def test_queue_with_other_tasks_is_refused(state: str, monkeypatch: pytest.MonkeyPatch):
    printed = f"8d5b6bc           03:10 AM    {state}\n0505d98  seed1  03:10 AM    Success\n"
    monkeypatch.setattr(queue, "_dvc", lambda *arguments: printed)
    monkeypatch.setattr(queue, "git", lambda *arguments: b"")
    with pytest.raises(PipelineError, match="other tasks"):
        queue.check_idle()


def test_queue_gives_up_a_run_whose_worker_has_died(monkeypatch: pytest.MonkeyPatch):
    looks = []
    printed = "8d5b6bc  seed1-evaluate  03:10 AM    Running\n\nWorker status: 0 active, 0 idle\n"
    monkeypatch.setattr(queue, "_dvc", lambda *arguments: printed)
    monkeypatch.setattr(queue, "_follow", looks.append)
    with pytest.raises(PipelineError, match="lost seed1-evaluate"):
        queue._wait("seed1-evaluate")
    assert len(looks) == queue.LOOKS


def results(accuracies: dict[int, tuple[float, float]], failed: dict[str, str]) -> tables.Result:
    settings: list[seeds.Setting] = [("models.mlp.epochs=3",), ()]
    runs = {
        Trial(seed, setting, "evaluate"): {ACCURACY: value}
        for seed, pair in accuracies.items()
        for setting, value in zip(settings, pair, strict=True)
        if value
    }
    return seeds.assess(runs, list(accuracies), settings, "evaluate", failed)


def test_assess_uses_the_seeds_that_finished_in_both_settings_and_names_the_others():
    result = results({1: (0.98, 0.97), 2: (0.0, 0.9), 3: (0.99, 0.97)}, {"seed2-evaluate-1234567": "error: no memory"})
    assert result.seeds == [1, 3]
    assert result.settings["the committed params"][ACCURACY].mean == pytest.approx(0.97)
    assert result.differences[0].estimate.mean == pytest.approx(0.015)
    for text in (tables.text(result), tables.markdown(result)):
        assert "models.mlp.epochs=3 minus the committed params, paired by seed" in text
        assert "+1.500%" in text
        assert "failed: seed2-evaluate-1234567: error: no memory" in text
    assert json.loads(tables.as_json(result))["differences"][0]["excludes_0"] is False


def test_assess_needs_two_seeds():
    with pytest.raises(PipelineError, match=r"two seeds .* not 1 .*error: no memory"):
        results({1: (0.98, 0.97), 2: (0.0, 0.9)}, {"seed2": "error: no memory"})


@pytest.mark.parametrize(
    ("runs", "waiting", "expected"),
    [(10, 8, "10 runs, of which 2 exist: 8 of about 5 min"), (10, 10, "about 50 min; Ctrl-C"), (4, 0, "which 4 exist")],
)
def test_forecast_states_the_time_of_the_runs_that_do_not_exist(runs: int, waiting: int, expected: str):
    assert expected in seeds.forecast(runs, waiting)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seeds", "1"), "at least 2"),
        (("--against", "models.mlp.epochs=3"), "-S KEY=VALUE"),
        (("-S", "seed=3"), "set by --seeds"),
        (("-S", "models.mlp.epochs=3", "--against", "models.mlp.epochs=3"), "the same setting"),
    ],
)
def test_senseless_arguments_are_refused(
    arguments: tuple, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    assert exit_status(monkeypatch, seeds.main, *arguments) == 2
    assert message in capsys.readouterr().err
