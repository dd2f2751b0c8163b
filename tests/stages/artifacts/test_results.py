from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from stages.artifacts import results


def test_save_metrics_refuses_what_json_lacks(tmp_path: Path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        results.save_metrics(tmp_path / "m.json", {"test": {"loss": float("nan")}})
    assert list(tmp_path.iterdir()) == []


def test_save_table_writes_five_places(tmp_path: Path):
    results.save_table(tmp_path / "new/shift.csv", pd.DataFrame({"pixels": [0.0, 1.0], "accuracy": [1, 1 / 3]}))
    assert (tmp_path / "new/shift.csv").read_bytes() == b"pixels,accuracy\n0.00000,1.00000\n1.00000,0.33333\n"


def test_save_figure_writes_no_version_and_no_date(tmp_path: Path):
    figure = Figure()
    figure.subplots().imshow(np.eye(3))
    results.save_figure(tmp_path / "new/a.png", figure)
    png = (tmp_path / "new/a.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert b"tEXt" not in png
    assert b"tIME" not in png
