"""The real dvc after what goes wrong: wrong params, damaged files, interrupted experiments. No user's file is lost."""

import pytest

from tests.helpers.dvc_output import ran
from tests.helpers.own_run import ALL_BUT_DOWNLOAD
from tests.helpers.workspace import OWN_TEST, OWN_TRAIN, Workspace

pytestmark = pytest.mark.end_to_end


def restore(workspace: Workspace) -> None:
    """Return to the commit as the README tells; data/mnist was never downloaded here, so it may be missing."""
    workspace.run("sh", "-c", "rm -r metrics plots && git checkout . && dvc checkout --allow-missing")


def test_repro_makes_deleted_models_again(copy: Workspace):
    made = ("models/*.keras", "models/*.onnx")
    before = copy.hashes(*made)
    assert "models/none.keras" in before
    copy.run("rm", "-r", "models")
    copy.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert copy.hashes(*made) == before


@pytest.mark.parametrize(
    ("teacher", "of_dvc", "message"),
    [
        ("mlp", "defined as both a dependency and an output", "models.mlp.teacher: no network can teach itself"),
        ("rnn", "models/rnn.keras", "models/rnn.keras is missing, which models.mlp.teacher in params.yaml names"),
    ],
)
def test_train_refuses_an_impossible_teacher(teacher: str, of_dvc: str, message: str, copy: Workspace):
    copy.set_params(models__mlp__teacher=teacher)
    assert f"error: {message}" in copy.fails("python", "-m", "stages.train", "mlp")
    assert of_dvc in copy.call("dvc", "repro", "train@mlp").stdout


@pytest.mark.parametrize(("validation", "options"), [(0.2, []), (0.3, ["--temp"])], ids=["in place", "temp"])
def test_experiment_changes_no_users_file(validation: float, options: list[str], copy: Workspace):
    before = copy.hashes("data/*.csv")
    printed = copy.run("dvc", "exp", "run", *options, "-S", f"split.validation={validation}", "preprocess")
    assert ran(printed) == {"preprocess"}
    assert copy.hashes(OWN_TRAIN, OWN_TEST).items() <= before.items()
    restore(copy)
    assert copy.hashes("data/*.csv") == before


def test_restore_brings_back_the_outputs_of_a_failed_stage(copy: Workspace):
    before = copy.hashes("data/**/*", "models/*")
    path = copy.root / OWN_TRAIN
    path.write_bytes(path.read_bytes().replace(b",0,", b",x,", 1))
    printed = copy.fails("dvc", "repro", "preprocess")
    assert f"error: {OWN_TRAIN}, line 2, column" in printed
    assert copy.hashes("data/**/*") != before
    restore(copy)
    assert copy.hashes("data/**/*", "models/*") == before
    assert ran(copy.run("dvc", "repro", *ALL_BUT_DOWNLOAD)) == set()


def test_evaluate_refuses_a_damaged_array_and_repro_makes_it_again(copy: Workspace):
    path = copy.root / "data/prepared/train_images.npy"
    complete = path.read_bytes()
    path.write_bytes(complete[:-1000])
    printed = copy.fails("python", "-m", "stages.evaluate", "mlp")
    assert "error: data/prepared/train_images.npy is damaged" in printed
    assert "run dvc repro" in printed
    copy.run("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert path.read_bytes() == complete
    assert copy.run("git", "status", "--porcelain") == ""


def test_repro_stops_at_a_wrong_param(copy: Workspace):
    copy.set_params(split__validation=1)
    printed = copy.fails("dvc", "repro", *ALL_BUT_DOWNLOAD)
    assert "error: params.yaml: split.validation: " in printed


@pytest.mark.parametrize("arguments", [["rnn"], []])
def test_evaluate_lists_the_networks_if_it_is_given_none_of_them(arguments: list[str], done: Workspace):
    assert "{mlp,cnn}" in done.fails("python", "-m", "stages.evaluate", *arguments)


def test_preprocess_warns_of_a_users_file_that_params_do_not_name(copy: Workspace):
    assert not (copy.root / "data/mnist/train.csv").exists()
    copy.set_params(data__train_csv="data/mnist/train.csv")
    printed = copy.fails("python", "-m", "stages.preprocess")
    assert f"warning: {OWN_TRAIN} is not used" in printed
    assert "error: data/mnist/train.csv is not a file" in printed
