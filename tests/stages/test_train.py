import subprocess
import sys

import pandas as pd

from stages import train
from tests.helpers.workspace import Workspace


def test_histories_are_averaged_by_epoch():
    histories = [pd.DataFrame({"epoch": [1, 2], "loss": [a, 2 * a]}) for a in (1.0, 3.0)]
    assert train.mean_history(histories).to_dict("list") == {"epoch": [1, 2], "loss": [2.0, 4.0]}


def test_what_is_wrong_without_tensorflow_is_said_before_its_import(workspace: Workspace):
    (workspace.root / "data/prepared").mkdir(parents=True, exist_ok=True)
    workspace.set_params(seed=-1)
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "stages.train", "mlp"],
        cwd=workspace.root,
        env=workspace.environment,
        text=True,
        stderr=subprocess.PIPE,
    )
    assert traced.returncode == 1 and "error: params.yaml: seed: expected greater than or equal to 0" in traced.stderr
    assert "numpy" in traced.stderr and "tensorflow" not in traced.stderr


def test_a_cpu_without_avx2_is_told(capsys):
    train.warn_of_other_bytes()
    assert capsys.readouterr().err.startswith("warning: this is not an x86-64 CPU with AVX2")
