"""The commands of docs/own-digits.md make a network that reads one's own digits better: a small mlp shows it."""

import json
import random

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw

from app.reading.single import single_digit
from benchmarks.strokes import place
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import rows, save_csv
from tests.helpers.page_blocks import Block, blocks
from tests.helpers.workspace import Workspace
from tests.helpers.written import as_picture

pytestmark = pytest.mark.end_to_end

REPRO = "dvc repro evaluate@mlp"  # in place of dvc repro: one network is enough for a test
TRAIN_BLOCK = "python -m app.to_csv data/photos/train"


def drawn_digits(count: int) -> Table:
    """Return digits of one hand and pen, in place of MNIST's."""
    generator = random.Random(1)
    pixels = []
    for i in range(count):
        paper = Image.new("L", (100, 100), 255)
        pen = ImageDraw.Draw(paper)
        for stroke in place(i % 10, 100, slant=generator.uniform(-0.2, 0.3)):
            pen.line(stroke, fill=0, width=generator.choice([6, 8, 10]), joint="curve")
        pixels.append(single_digit(as_picture(paper)).reshape(784))
    return Table(np.stack(pixels), (np.arange(count) % 10).astype(np.uint8))


@pytest.fixture(scope="module")
def project(workspace: Workspace) -> Workspace:
    """The clone after a run with a small mlp and, as if downloaded, drawn digits for MNIST."""
    drawn = drawn_digits(700)
    save_csv(workspace.root / "data/mnist/train.csv", rows(drawn, 0, 600))
    save_csv(workspace.root / "data/mnist/test.csv", rows(drawn, 600, 700))
    small = {"layers": [64], "teacher": "none", "epochs": 8, "batch_size": 32}
    workspace.set_params(**{f"models__mlp__{key}": value for key, value in small.items()})
    workspace.run("dvc", "commit", "-f", "download")
    workspace.run(*REPRO.split())
    workspace.commit("As small as a test needs")
    return workspace


def tell(project: Workspace, story: list[Block]) -> None:
    for block in story:
        if block.language == "yaml":
            for section, values in yaml.safe_load(block.text).items():
                project.set_params(**{f"{section}__{key}": value for key, value in values.items()})
        else:
            project.run("bash", "-euo", "pipefail", "-c", block.text.replace("dvc repro", REPRO))


def accuracy(project: Workspace) -> float:
    return json.loads((project.root / "metrics/mlp.json").read_text())["test"]["accuracy"]


def test_own_digits_among_the_training_rows_make_a_better_network(project: Workspace):
    story = blocks("docs/own-digits.md")
    [middle] = [i for i, block in enumerate(story) if block.text.startswith(TRAIN_BLOCK)]
    models = project.hashes("models/*")
    tell(project, story[:middle])
    assert project.hashes("models/*") == models  # evaluating trains nothing
    before = accuracy(project)
    tell(project, story[middle:])
    assert accuracy(project) > before + 0.2  # 0.47 before and 0.96 after
