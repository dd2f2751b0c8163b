"""The gate as a command, on real commits."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from checks import regression
from checks.gate import command
from tests.helpers.commands import exit_status
from tests.helpers.repository import IMAGES, NETWORKS, Repository, labels
from tests.helpers.workspace import ROOT


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository.create(tmp_path_factory.mktemp("committed") / "repository")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command; return its exit status, and what it printed to stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = exit_status(
            monkeypatch, regression.main, *arguments, prefix="not comparable", status=command.NOT_COMPARABLE
        )
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def assert_not_comparable(gate, arguments: tuple[str, ...], *words: str) -> None:
    status, out, err = gate(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("not comparable: ")
    assert err.count("\n") == 1
    for word in words:
        assert word in err


def test_equal_commits_have_no_difference(repository, gate):
    status, out, _ = gate("HEAD")
    assert status == 0
    assert "no difference: all predictions" in out
    assert "with its merge base" in out
    repository.commit("nothing new")
    status, out, _ = gate("HEAD~1", "--head", "HEAD")
    assert status == 0
    assert "no difference: all predictions" in out
    assert "merge base" not in out


def test_a_drop_within_the_noise_passes_and_shows_its_interval(repository, gate):
    repository.write_results("cnn", seed=11, shift=-0.1)
    status, out, _ = gate("HEAD", "--json")
    accuracy = next(c for c in json.loads(out)["changes"] if (c["network"], c["measure"]) == ("cnn", "accuracy"))
    assert status == 0
    assert accuracy["verdict"] == "no drop > 2%"
    assert accuracy["interval"][0] < accuracy["difference"] < 0 < accuracy["interval"][1]
    status, out, _ = gate("HEAD")
    assert status == 0
    row = next(line for line in out.splitlines() if line.split()[:2] == ["cnn", "accuracy"])
    assert f"{accuracy['p']:.2g}" in row
    assert f"{accuracy['interval'][0]:+.3%} to {accuracy['interval'][1]:+.3%}" in row
    assert "  no drop > 2%  " in row
    assert "no regression found: the smallest p is" in out


def test_a_clearly_worse_network_is_a_regression(repository, gate):
    repository.write_results("cnn", seed=10, shift=-1.5)
    repository.commit("worse")
    status, out, _ = gate("HEAD~1")
    assert status == 1
    assert "REGRESSION: cnn: accuracy, loss" in out
    assert "mlp" not in out.splitlines()[-1]
    status, out, _ = gate("HEAD", "--head", "HEAD~1")
    assert status == 0
    assert "no drop > 2%" in out


def test_a_lower_recall_is_a_regression_even_if_the_accuracy_is_not(repository, gate):
    shift = np.where(labels() == 7, -2.5, 2.0)
    repository.write_results("mlp", seed=10, shift=shift)
    status, out, _ = gate("HEAD", "--json")
    verdicts = {change["measure"]: change["verdict"] for change in json.loads(out)["changes"][:12]}
    assert status == 1
    assert verdicts["recall of 7"] == "REGRESSION"
    assert verdicts["accuracy"] != "REGRESSION"


def test_a_more_confident_network_with_the_same_accuracy_is_a_regression_of_the_loss(repository, gate):
    """Mistakes made with more confidence: the accuracy is the same, the loss is not."""
    path = repository.root / "plots/cnn/losses.csv"
    losses = np.loadtxt(path, skiprows=1)
    losses[losses > np.log(2)] *= 4
    path.write_text("loss\n" + "".join(f"{loss:.5f}\n" for loss in losses))
    repository.edit_metrics("cnn", "test", loss=round(losses.round(5).mean(), 5))
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: cnn: loss"


@pytest.fixture
def doubtful(repository: Repository) -> Repository:
    """A cnn of another seed, and margins that are too small to exclude anything."""
    repository.write_params(floor=0.9, accuracy=0.0001, loss=0.0001, recall=0.0001)
    repository.write_results("cnn", seed=11)
    return repository


def test_what_is_not_decided_passes_and_is_named(doubtful, gate):
    status, out, _ = gate("HEAD")
    assert status == 0
    assert re.search(
        r"^no regression found: .*; not decided whether a drop exceeds its margin: cnn: accuracy, ", out, re.M
    )
    assert re.search(r"^cnn +accuracy +not decided ", out, re.M)
    assert re.search(r"^mlp +accuracy +no difference ", out, re.M)


def test_strict_fails_what_is_not_decided(doubtful, gate):
    status, out, _ = gate("HEAD", "--strict")
    assert status == 1
    assert out.splitlines()[-1].startswith("NOT DECIDED: cnn: accuracy, ")
    tree = json.loads(gate("HEAD", "--strict", "--json")[1])
    assert tree["failed"] is True
    assert "accuracy" in tree["undecided"]["cnn"]


def test_strict_passes_if_a_drop_of_more_than_the_margins_is_excluded(repository, gate):
    repository.write_results("cnn", seed=11)
    status, out, _ = gate("HEAD", "--strict")
    assert status == 0
    assert out.splitlines()[-1].endswith("; drops of more than the margins are excluded")
    assert re.search(r"^cnn +loss +no rise > 0.02 ", out, re.M)


def test_strict_passes_networks_without_a_difference(repository, gate):
    repository.write_params(floor=0.9, recall=0.0001)
    assert gate("HEAD", "--strict")[0] == 0


def test_a_regression_is_one_even_if_it_is_less_than_the_margin(repository, gate):
    lose(repository, 12)
    repository.write_params(floor=0.9, accuracy=0.5, loss=0.5, recall=0.5)
    repository.commit("wide margins")
    repository.write_results("mlp", seed=10)
    assert gate("HEAD~1", "--accept-looser-gate")[0] == 1


def test_the_smaller_margin_of_both_sides_counts(doubtful, gate):
    doubtful.commit("small margins")
    doubtful.write_params(floor=0.9)
    status, out, _ = gate("HEAD~1", "--also", "HEAD", "--strict")
    assert status == 1
    assert "note: gate.margin.loss is 0.0001 as in" in out


@pytest.fixture
def default_data(repository: Repository) -> Repository:
    """As many test images as the default data has."""
    actual = labels(28_000)
    repository.write_params(floor=0.9, rows="not-official")
    for network in NETWORKS:
        repository.write_results(network, seed=10, actual=actual)
    repository.commit("the default data")
    return repository


def drop_in(repository: Repository, rows: slice) -> None:
    """Make the cnn lose 20 of these rows, from 0."""
    shift = np.zeros(28_000)
    shift[rows][:20] = -20
    repository.write_results("cnn", seed=10, shift=shift, actual=labels(28_000))


def test_a_change_is_not_judged_on_the_official_images(default_data, gate):
    drop_in(default_data, slice(10_000))
    status, out, _ = gate("HEAD")
    assert status == 0
    assert "18,000 test images of 28,000, gate.rows: not-official" in out
    assert "commits that changed metrics/, so that these rows judged them: 2 since the first commit" in out
    status, out, _ = gate("HEAD", "--release")
    assert status == 1
    assert "10,000 test images of 28,000, gate.rows: all but not-official" in out


def test_a_release_is_judged_on_the_official_images_alone(default_data, gate):
    drop_in(default_data, slice(10_000, None))
    assert gate("HEAD")[0] == 1
    assert gate("HEAD", "--release")[0] == 0


def test_the_floor_is_of_the_rows_that_are_used(default_data, gate):
    default_data.write_results("cnn", seed=10, shift=np.where(np.arange(28_000) < 10_000, -4, 0), actual=labels(28_000))
    default_data.commit("worse on the official images")
    assert gate("HEAD")[0] == 0
    assert gate("HEAD", "--release")[1].splitlines()[-1] == "REGRESSION: cnn: below its floor"


def test_json_states_the_rows(default_data, gate):
    tree = json.loads(gate("HEAD", "--json")[1])
    assert (tree["images"], tree["rows"], tree["release"]) == (18_000, "not-official", False)


def test_the_rows_are_those_of_base(repository, gate):
    repository.write_params(floor=0.9, rows="1-1000")
    repository.commit("a range")
    repository.write_params(floor=0.9, rows="2001-3000")
    status, out, _ = gate("HEAD")
    assert status == 0
    assert "1,000 test images of 3,000, gate.rows: 1-1000" in out
    assert "note: gate.rows is 1-1000 as in" in out
    assert "LOOSER GATE: gate.rows is 2001-3000 as in" in gate("HEAD", "--accept-looser-gate")[1]


def test_a_release_needs_rows_that_no_change_has_seen(repository, gate):
    assert_not_comparable(gate, ("HEAD", "--release"), "--release uses the rows that gate.rows leaves out")


def write_calibration(repository: Repository, brier: float) -> None:
    for network in NETWORKS:
        text = f"subset,brier,ece,ece_low,ece_high\ntest,{brier},0.01,0,0\n"
        (repository.root / f"plots/{network}/calibration.csv").write_text(text)


@pytest.fixture
def limited(repository: Repository) -> Repository:
    """A gate with further measures, and what it needs of them."""
    limits = {"brier": {"max_drop": 0.1, "relative": True}, "f1.7": {"max_drop": 0.01}}
    repository.write_params(floor=0.9, cnn=limits)
    write_calibration(repository, brier=0.02)
    repository.commit("further measures")
    return repository


def test_a_figure_beyond_its_limit_is_a_regression_without_a_test(limited, gate):
    assert gate("HEAD")[0] == 0
    write_calibration(limited, brier=0.0221)
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: cnn: brier"
    assert re.search(r"^cnn +brier +REGRESSION +0.02000 +0.02210 +\+0.00210$", out, re.M)
    write_calibration(limited, brier=0.0219)
    status, out, _ = gate("HEAD", "--strict")
    assert status == 0
    assert re.search(r"^cnn +brier +no rise > 0.002 \(no test\) ", out, re.M)


def test_a_ratio_that_drops_beyond_its_limit_and_the_noise_is_a_regression(limited, gate):
    limited.write_results("cnn", seed=10, shift=np.where(labels() == 7, -2.5, 2.0))
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: cnn: recall of 7, f1.7"
    assert re.search(r"\| +\*\*f1\.7\*\* \| +\*\*REGRESSION\*\* \|", gate("HEAD", "--md")[1])


def test_a_change_cannot_drop_or_loosen_a_limit(limited, gate):
    write_calibration(limited, brier=0.03)
    for limits in ({}, {"brier": {"max_drop": 0.9, "relative": True}}, {"brier": {"max_drop": 0.9}}):
        limited.write_params(floor=0.9, cnn=limits)
        status, out, _ = gate("HEAD")
        assert status == 1
        assert "note: gate.metrics.cnn.brier is max_drop 0.1, relative" in out
        assert gate("HEAD", "--accept-looser-gate")[0] == 0


def test_a_limit_may_be_new_or_stricter(limited, gate):
    write_calibration(limited, brier=0.0219)
    limited.write_params(floor=0.9, cnn={"brier": {"max_drop": 0.05, "relative": True}, "ece": {"max_drop": 0.0}})
    assert gate("HEAD")[1].splitlines()[-1] == "REGRESSION: cnn: brier"


def test_a_promotion_has_to_show_a_gain(repository, gate):
    repository.write_params(floor=0.9, cnn={"accuracy": {"min_gain": 0.005}})
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "NO GAIN, as gate.metrics asks for: cnn: accuracy"
    repository.write_results("cnn", seed=10, shift=2)
    status, out, _ = gate("HEAD")
    assert status == 0
    assert re.search(r"^cnn +accuracy +gain >= 0.5% ", out, re.M)


def test_a_regression_and_a_gain_that_is_not_shown_are_both_named(repository, gate):
    repository.write_params(floor=0.999, cnn={"accuracy": {"min_gain": 0.005}})
    conclusion = gate("HEAD")[1].splitlines()[-1]
    assert conclusion.startswith(
        "REGRESSION: mlp: below its floor; cnn: below its floor; NO GAIN, as gate.metrics asks"
    )


def test_of_two_bases_the_rows_of_the_first_count(repository, gate):
    repository.write_params(floor=0.9, rows="1-1000")
    repository.commit("a range")
    repository.git("tag", "v1.0")
    repository.write_params(floor=0.9, rows="1-2000")
    repository.commit("another range")
    assert "2,000 test images of 3,000" in gate("HEAD", "--also", "v1.0")[1]


def test_an_unknown_measure_is_an_error_that_lists_the_known_ones(repository, gate):
    repository.write_params(floor=0.9, cnn={"briar": {"max_drop": 0.1}})
    assert_not_comparable(
        gate, ("HEAD",), "gate.metrics.cnn: unknown measure 'briar'", "robustness.blur", "model_bytes"
    )


def test_a_figure_that_base_does_not_have_is_not_comparable(repository, gate):
    repository.write_params(floor=0.9, cnn={"brier": {"max_drop": 0.1}})
    write_calibration(repository, brier=0.02)
    assert_not_comparable(gate, ("HEAD",), "has no plots/cnn/calibration.csv")


def lose(repository: Repository, images: int) -> None:
    """Write results of the cnn that differ from those of the first commit by that many lost images."""
    repository.write_results("cnn", seed=10, shift=np.where(np.arange(IMAGES) < images, -20.0, 0.0))


@pytest.fixture
def chain(repository: Repository) -> Repository:
    """A release, and two small drops since; a third in the workspace."""
    repository.git("tag", "v1.0")
    for images in (4, 8):
        lose(repository, images)
        repository.commit(f"{images} lost")
    lose(repository, 12)
    return repository


def test_a_chain_of_small_drops_is_a_regression_since_the_release(chain, gate):
    assert gate("HEAD")[0] == 0
    status, out, _ = gate("HEAD", "--also", "v1.0")
    assert status == 1
    release = f"{chain.git('rev-parse', 'v1.0')[:10]} (v1.0)"
    assert out.splitlines()[-1] == f"REGRESSION: cnn: accuracy (against {release}), loss (against {release})"
    rows = [line for line in out.splitlines() if re.search(r"\) +cnn +accuracy ", line)]
    assert [row.split()[1] for row in rows] == ["(HEAD)", "(v1.0)"]


def test_both_bases_share_one_alpha(chain, gate):
    changes = json.loads(gate("HEAD", "--also", "v1.0", "--json")[1])["changes"]
    assert len(changes) == 2 * 2 * 12
    for change in changes:
        if change["measure"] == "accuracy":
            assert change["p_corrected"] == min(1, 2 * 2 * 3 * change["p"])


def test_the_same_commit_twice_is_one_base(repository, gate):
    assert gate("HEAD", "--also", "main") == gate("HEAD")


def test_the_second_base_has_to_be_comparable(repository, gate):
    assert_not_comparable(gate, ("HEAD", "--also", "v9"), "'v9' is not a commit")
    repository.git("tag", "v1.0")
    repository.write_lock("2" * 32)
    repository.commit("other images")
    assert gate("HEAD")[0] == 0
    assert_not_comparable(gate, ("HEAD", "--also", "v1.0"), "different test images", "(v1.0)")


def test_the_strictest_gate_of_both_bases_counts(repository, gate):
    repository.git("tag", "v1.0")
    repository.write_params(floor=0.5)
    repository.commit("a lower floor")
    assert "note: gate.floor.mlp is 0.9" in gate("HEAD", "--also", "v1.0")[1]


def test_below_the_floor_is_a_regression_whatever_the_other_side(repository, gate):
    repository.write_params(floor=0.999)
    status, out, _ = gate("HEAD")
    assert status == 1
    assert out.splitlines()[-1] == "REGRESSION: mlp: below its floor; cnn: below its floor"


@pytest.fixture
def loosened(repository: Repository) -> Repository:
    """A workspace in which the recall of 7 is lower, with p = 0.007 after correction, and so is what the gate asks."""
    repository.write_results("cnn", seed=10, shift=np.where(labels() == 7, -1.9, 2.0))
    repository.write_params(floor=0, alpha=0.001)
    return repository


def test_the_assessed_side_does_not_loosen_its_own_gate(loosened, gate):
    status, out, _ = gate("HEAD")
    assert status == 1
    assert "REGRESSION: cnn: recall of 7" in out
    assert re.search(r"note: gate.alpha is 0.05 as in \w+ \(HEAD\), not 0.001 as in the workspace: head cannot", out)
    assert "note: gate.floor.cnn is 0.9 as in" in out


def test_a_looser_gate_is_accepted_explicitly_and_shown(loosened, gate):
    status, out, _ = gate("HEAD", "--accept-looser-gate")
    assert status == 0
    assert re.search(r"^LOOSER GATE: gate.alpha is 0.001 as in the workspace, not 0.05 as in \w+ \(HEAD\)$", out, re.M)
    assert "LOOSER GATE: gate.floor.cnn is 0 as in the workspace, not 0.9 as in" in out
    assert out.splitlines()[-1].endswith("; by a LOOSER GATE than that of base")
    status, out, _ = gate("HEAD", "--accept-looser-gate", "--md")
    assert "- **LOOSER GATE: gate.floor.mlp is 0 as in" in out
    assert json.loads(gate("HEAD", "--accept-looser-gate", "--json")[1])["loosened"][0].startswith(
        "gate.alpha is 0.001"
    )


def test_a_lower_floor_does_not_admit_a_network_below_that_of_base(repository, gate):
    repository.write_params(floor=0.999)
    repository.commit("a high floor")
    repository.write_params(floor=0.5)
    assert gate("HEAD")[1].splitlines()[-1] == "REGRESSION: mlp: below its floor; cnn: below its floor"
    assert gate("HEAD", "--accept-looser-gate")[0] == 0


def test_a_stricter_gate_of_the_assessed_side_counts(repository, gate):
    repository.write_params(floor=0.95, alpha=0.2)
    status, out, _ = gate("HEAD")
    assert (status, "head cannot loosen" in out) == (0, False)
    assert "its floor of 95.0000%" in out
    assert json.loads(gate("HEAD", "--json")[1])["alpha"] == 0.2


@pytest.mark.parametrize(
    "text", ["seed: 1\n", "gate: [\n", "gate: 1\n", "gate: {alpha: lots, floor: 1, other: {a: 2}}\n", "\x00", "[1]"]
)
def test_of_a_base_only_what_is_a_setting_counts(repository, gate, text):
    (repository.root / "params.yaml").write_text(text)
    repository.commit("another gate")
    repository.git("checkout", "--quiet", "HEAD~1", "--", "params.yaml")
    assert gate("HEAD")[0] == 0


def test_of_an_older_gate_of_base_each_setting_that_is_there_counts(repository, gate):
    (repository.root / "params.yaml").write_text("gate: {alpha: 7, floor: {cnn: 0.999, vit: 1.0}, rooms: 3}\n")
    repository.commit("another gate")
    repository.git("checkout", "--quiet", "HEAD~1", "--", "params.yaml")
    assert gate("HEAD")[1].splitlines()[-1] == "REGRESSION: cnn: below its floor"


def test_a_head_without_a_gate_is_not_comparable(repository, gate):
    (repository.root / "params.yaml").write_text("seed: 1\n")
    assert_not_comparable(gate, ("HEAD",), "params.yaml of the workspace", "gate: missing key")
    (repository.root / "params.yaml").write_text("gate: [\n")
    assert_not_comparable(gate, ("HEAD",), "not valid YAML")


def test_markdown_is_a_table(repository, gate):
    repository.write_results("cnn", seed=11)
    status, out, _ = gate("HEAD", "--md")
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert status == 0
    assert out.startswith("**no regression")
    assert len(rows) == 2 + 2 * 3
    assert len({row.count("|") for row in rows}) == 1
    assert set(rows[1]) == set("|:-")


@pytest.mark.parametrize("old_side", ["base", "head"])
def test_figures_that_only_one_side_has_do_not_matter(repository, gate, old_side):
    """Earlier commits have more figures in metrics/M.json, such as the recalls."""
    new = repository.commit("without more figures")
    for network in NETWORKS:
        for subset in ("train", "validation", "test"):
            repository.edit_metrics(network, subset, brier=0.03, ece=0.01, ece_low=0.0, ece_high=0.02)
        repository.edit(f"metrics/{network}.json", '"parameters": 1000', '"recall": {"0": 0.9, "7": 0.8}')
    old = repository.commit("with more figures")
    base, head = (old, new) if old_side == "base" else (new, old)
    status, out, err = gate(base, "--head", head)
    assert (status, err) == (0, "")
    assert "no difference" in out


def test_json_has_every_test(repository, gate):
    tree = json.loads(gate("HEAD", "--json")[1], parse_constant=lambda name: pytest.fail(name))
    assert [change["measure"] for change in tree["changes"]] == [
        *["accuracy", "loss", *(f"recall of {digit}" for digit in range(10))] * 2
    ]
    assert tree["identical"] is True
    assert tree["regressions"] == {}


@pytest.mark.parametrize("side", ["base", "head"])
@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda r: (r.root / "metrics/cnn.json").unlink(), ["has no metrics/cnn.json"]),
        (lambda r: (r.root / "plots/mlp/predictions.csv").unlink(), ["has no plots/mlp/predictions.csv"]),
        (lambda r: r.edit_metrics("cnn", "test", loss=float("nan")), ["metrics/cnn.json", "test.loss is nan"]),
        (
            lambda r: r.edit("metrics/cnn.json", '"accuracy"', '"precision"'),
            ["metrics/cnn.json", "has no train.accuracy"],
        ),
        (lambda r: r.write_results("cnn", 10, actual=labels()[::-1].copy()), ["a different order"]),
        (lambda r: r.write_lock("2" * 32), ["different test images", "dvc.lock"]),
        (lambda r: [r.write_results(n, 10, subset="validation") for n in NETWORKS], ["has test labels", "has none"]),
    ],
)
def test_either_side_can_make_it_incomparable(repository, gate, side, break_it, words):
    break_it(repository)
    if side == "base":
        repository.commit("broken")
        arguments = ("HEAD", "--head", "HEAD~1")
    else:
        arguments = ("HEAD",)
    assert_not_comparable(gate, arguments, *words)


def test_an_unknown_revision_is_not_comparable(repository, gate):
    assert_not_comparable(gate, ("no-such-branch",), "'no-such-branch' is not a commit")
    assert_not_comparable(gate, ("HEAD", "--head", ""), "'' is not a commit")


def test_a_shallow_clone_says_to_fetch_the_history(repository, gate, monkeypatch):
    repository.commit("second")
    shallow = repository.root.parent / "shallow"
    repository.git("clone", "--quiet", "--depth", "1", repository.root.as_uri(), str(shallow))
    monkeypatch.chdir(shallow)
    assert_not_comparable(gate, ("HEAD~1",), "shallow", "fetch the history")
    assert gate("HEAD")[0] == 0


def test_outside_a_repository_it_is_not_comparable(tmp_path, gate, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_not_comparable(gate, ("HEAD",), "not a git repository")


def test_the_command_needs_none_of_the_heavy_libraries(repository):
    script = (
        "import sys; from checks import regression; sys.argv[1:] = ['HEAD']; status = regression.main();"
        "print(*{'tensorflow', 'onnxruntime', 'sklearn', 'scipy', 'pandas', 'dvc'} & set(sys.modules), file=sys.stderr)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert finished.stderr.strip() == ""


@pytest.mark.parametrize(
    ("arguments", "status", "error"), [(["HEAD"], 0, ""), (["HEAD~9"], 2, "not comparable: "), ([], 2, "usage: ")]
)
def test_the_exit_status_reaches_the_shell(repository, arguments, status, error):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "checks.regression", *arguments]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == status, finished.stderr
    assert finished.stderr.startswith(error)
