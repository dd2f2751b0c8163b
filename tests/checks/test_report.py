"""The report as a command, on real commits; and that DVC's own comparisons work from what Git holds."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import yaml

from checks import report
from checks.gate.comparability import Pair
from checks.gate.results import Results
from checks.gate.snapshot import of_workspace
from checks.page import differences, disagreements
from checks.page.disagreements import SHOWN, draw, find
from checks.page.plots import read_calibration, read_history
from checks.page.sections import escape
from stages.artifacts import paths
from stages.artifacts.errors import PipelineError
from stages.artifacts.results import save_metrics
from stages.config.params import load_params
from tests.helpers.commands import exit_status
from tests.helpers.repository import IMAGES, NETWORKS, Repository, labels
from tests.helpers.workspace import ROOT, Workspace

pytestmark = pytest.mark.slow

SECTIONS = [
    "Params", "Data", "Metrics", "Curves", "Confusion matrices", "Images that only one side classifies correctly"
]  # fmt: skip
EPOCHS = load_params(ROOT / "params.yaml").models.cnn.epochs
PNG = b"\x89PNG\r\n\x1a\n"


def write_plots(repository: Repository, network: str, ece: str = "0.00123") -> None:
    """Write the history and the calibration of a network."""
    rows = [f"{epoch},0.9{epoch},0.1,0.9{epoch},0.2,0.001" for epoch in (1, 2, 3)]
    header = "epoch,accuracy,loss,val_accuracy,val_loss,learning_rate"
    folder = repository.root / f"plots/{network}"
    (folder / "history.csv").write_text("\n".join([header, *rows, ""]))
    (folder / "calibration.csv").write_text(f"subset,brier,ece,ece_low,ece_high\ntest,0.00691,{ece},0.001,0.002\n")


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Two commits: the second has another param, and a cnn of another seed."""
    repository = Repository.create(tmp_path_factory.mktemp("committed") / "repository")
    for network in NETWORKS:
        write_plots(repository, network)
    save_metrics(repository.root / paths.DATA_METRICS, {"train": {"rows": IMAGES}})
    repository.commit("base")
    save_metrics(repository.root / paths.DATA_METRICS, {"train": {"rows": IMAGES + 1}})
    repository.edit("params.yaml", f" epochs: {EPOCHS}\n", f" epochs: {EPOCHS + 1}\n")
    repository.write_results("cnn", seed=11)
    write_plots(repository, "cnn", ece="0.00234")
    repository.commit("head")
    return repository


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command; return its exit status, and what it printed to stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = exit_status(monkeypatch, report.main, *arguments, prefix="not comparable", status=2)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self):
        super().__init__()
        self.source = Path("report/index.html").read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def images(self) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == "img"]


def markdown() -> str:
    return Path("report/report.md").read_text(encoding="utf-8")


def write_images(repository: Repository, recorded: bytes | None = None) -> None:
    """Write data/prepared/test_images.npy, and a dvc.lock with its hash, or with the hash of `recorded`."""
    path = repository.root / "data/prepared/test_images.npy"
    path.parent.mkdir(parents=True)
    np.save(path, np.random.default_rng(0).random((IMAGES, 28, 28), np.float32))
    lock = yaml.safe_load((repository.root / "dvc.lock").read_text())
    md5 = hashlib.md5(recorded or path.read_bytes()).hexdigest()
    lock["stages"]["preprocess"]["outs"] = [{"path": "data/prepared/test_images.npy", "md5": md5}]
    (repository.root / "dvc.lock").write_text(yaml.safe_dump(lock))


def test_page_and_markdown_show_the_gate_and_the_differences(repository, run):
    status, out, _ = run("HEAD~1", "--head", "HEAD")
    assert status == 0
    assert out.startswith("no regression found: the smallest p is")
    assert "report/index.html" in out
    page = Page()
    assert ("main", {"class": "passed"}) in page.tags
    for text in (page.text, markdown()):
        assert "no regression found: the smallest p is" in text
        assert re.findall("|".join(SECTIONS), text) == SECTIONS
        assert re.search(r"no drop > 2%", text)
        assert re.search(rf"models.cnn.epochs\W+{EPOCHS}\W+{EPOCHS + 1}", text)
        assert re.search(r"data: train.rows\W+3,000\W+3,001\W+\+1\W", text)
        assert "mlp: test.accuracy" in text
        assert re.search(r"cnn: test.ece\W+0.00123\W+0.00234\W+0.00111", text)
        assert re.search(r"cnn\W+[1-9]\d*\W+[1-9]\d*\W+data/prepared", text)  # how many, without the images


def test_pictures_are_next_to_the_markdown_and_in_the_page(repository, run):
    write_images(repository)
    run("HEAD~1")
    pictures = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", markdown())
    assert [file for _, file in pictures] == [
        "mlp-history.png", "cnn-history.png", "mlp-confusion.png", "cnn-confusion.png", "cnn-only-base.png",
        "cnn-only-head.png",
    ]  # fmt: skip
    assert {path.name for path in Path("report").iterdir()} == {"index.html", "report.md", *(f for _, f in pictures)}
    for _, file in pictures:
        assert (Path("report") / file).read_bytes().startswith(PNG)
    assert [image["alt"] for image in Page().images()] == [alt for alt, _ in pictures]


def test_pictures_are_of_the_rows_that_the_gate_uses(repository, run, monkeypatch):
    write_images(repository)
    repository.git("checkout", "--quiet", "HEAD~1", "--", "params.yaml")
    repository.write_params(floor=0.9, rows="1501-3000")
    drawn = []
    monkeypatch.setattr(
        disagreements, "draw", lambda title, images, *rest: drawn.append(images) or draw(title, images, *rest)
    )
    run("HEAD~1", "--accept-looser-gate")
    np.testing.assert_array_equal(drawn[0], np.load("data/prepared/test_images.npy")[1500:])


def test_page_loads_nothing(repository, run):
    write_images(repository)
    run("HEAD~1")
    page = Page()
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "embed", "base"}
    for tag, attributes in page.tags:
        for name in {"src", "href", "srcset", "data", "action"} & attributes.keys():
            assert attributes[name].startswith("data:"), (tag, attributes[name][:80])
    drawings = [base64.b64decode(image["src"].partition("svg+xml;base64,")[2]).decode() for image in page.images()]
    for text in (page.source, *drawings):
        text = re.sub(r'xmlns(:\w+)?="[^"]*"|<!DOCTYPE[^>]*>', "", text)
        assert not re.search(r"https?://|@import|@font-face|url\((?!#)|<script", text)
        assert not re.search(r'href="(?!#|data:image/png)', text)


def test_report_marks_a_regression(repository, run):
    repository.write_results("cnn", seed=10, shift=-1.5)
    status, out, _ = run("HEAD")
    page = Page()
    assert status == 1
    assert out.startswith("REGRESSION: cnn: accuracy")
    assert ("main", {"class": "failed"}) in page.tags
    assert "<strong>REGRESSION</strong></td>" in page.source
    assert markdown().startswith("**REGRESSION: cnn: accuracy")


def test_report_shows_both_bases(repository, run):
    status, _, _ = run("HEAD", "--also", "HEAD~1")
    assert status == 0
    assert re.search(r"<th[^>]*>against</th>", Page().source)
    assert len(re.findall(r"\| +cnn +\| +accuracy ", markdown())) == 2


def test_report_marks_a_looser_gate(repository, run):
    repository.write_params(floor=0.5)
    assert "LOOSER" not in run("HEAD")[1]
    status, out, _ = run("HEAD", "--accept-looser-gate")
    assert status == 0
    assert "LOOSER GATE" in out
    assert "<li><strong>LOOSER GATE: gate.floor.mlp is 0.5 as in the workspace, not 0.9 as in" in Page().source
    assert "li strong { color: var(--bad); }" in Page().source


def test_report_is_of_a_failure_if_strict_and_not_decided(repository, run):
    repository.write_params(floor=0.9, accuracy=0.0001)
    assert run("HEAD~1")[0] == 0
    assert ("main", {"class": "passed"}) in Page().tags
    status, out, _ = run("HEAD~1", "--strict")
    assert status == 1
    assert out.startswith("NOT DECIDED: cnn: accuracy")
    assert ("main", {"class": "failed"}) in Page().tags


def test_report_shows_a_param_as_text(repository, run):
    tree = yaml.safe_load((repository.root / "params.yaml").read_text())
    attack = "<script>alert(1)</script> | **bold** [x](javascript:y) `z` ![](http://example.org/x.png)"
    tree[attack] = {"value": attack}
    (repository.root / "params.yaml").write_text(yaml.safe_dump(tree))
    assert run("HEAD")[0] == 0
    page = Page()
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.text.count(attack) == 2
    [row] = [line for line in markdown().splitlines() if "alert" in line]
    assert not set("<>*[]`!") & set(row)
    assert row.count("|") == 4


def test_page_takes_no_html_from_markdown(repository, run):
    tag = "<script>alert(1)</script>"
    repository.git("branch", tag)
    run(tag)
    page = Page()
    assert "script" not in {tag for tag, _ in page.tags}
    assert tag in page.text


def test_escape_leaves_nothing_special_to_markdown():
    assert escape("a_b: 1.5 (x)") == "a_b: 1.5 (x)"
    assert escape("<|*`") == "&#60;&#124;&#42;&#96;"


def test_not_comparable_leaves_no_page(repository, run):
    status, out, err = run("no-such-branch")
    assert (status, out) == (2, "")
    assert err.startswith("not comparable: ")
    assert not Path("report").exists()


def test_a_folder_that_cannot_be_written_is_one_line(repository, run):
    Path("report").write_text("a file")
    status, _, err = run("HEAD")
    assert status == 2
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda repository: None, "data/prepared/test_images.npy is missing: run dvc repro, or dvc pull"),
        (
            lambda repository: write_images(repository, b"others"),
            "is not the file that dvc.lock of the workspace names",
        ),
    ],
)
def test_report_without_exactly_these_images_has_a_line_instead(repository, run, prepare, words):
    prepare(repository)
    assert run("HEAD~1")[0] == 0
    assert words in Page().text
    assert words in markdown()
    assert not list(Path("report").glob("*-only-*.png"))


@pytest.mark.parametrize("file", ["plots/mlp/history.csv", "plots/mlp/calibration.csv", "metrics/data.json"])
def test_report_without_a_file_has_a_line_instead(repository, run, file):
    (repository.root / file).unlink()
    assert run("HEAD")[0] == 0
    assert f"the workspace has no {file}" in Page().text
    assert f"the workspace has no {file}" in markdown()


@pytest.mark.parametrize(
    ("read", "file", "old", "new"),
    [
        (read_history, "history", "0.91", "x"),
        (read_history, "history", "val_loss", "value"),
        (read_history, "history", "epoch", "step"),
        (read_calibration, "calibration", "0.00234", "?"),
        (read_calibration, "calibration", "ece,", "error,"),
    ],
)
def test_reading_a_malformed_plot_is_an_error(repository, read, file, old, new):
    repository.edit(f"plots/cnn/{file}.csv", old, new)
    with pytest.raises(PipelineError, match=rf"plots/cnn/{file}\.csv of the workspace is malformed"):
        read(of_workspace(), "cnn")


def test_report_of_equal_sides_has_no_differences(repository, run):
    write_images(repository)
    status, out, _ = run("HEAD")
    assert status == 0
    assert out.startswith("no difference")
    assert "No param differs." in Page().text
    assert not list(Path("report").glob("*-only-*.png"))


def test_equal_sides_make_equal_bytes(repository, run):
    write_images(repository)
    made = []
    for folder in ("first", "second"):
        run("HEAD~1", "-o", folder)
        made.append({path.name: path.read_bytes() for path in Path(folder).iterdir()})
    assert made[0] == made[1]


def test_metrics_have_a_dash_if_base_has_none_or_nothing_changes():
    base, head = {"test.loss": 0.02, "parameters": 1000}, {"test.loss": 0.01, "parameters": 1000, "test.new": 1.0}
    assert differences.metrics({"cnn": (base, head)}) == [
        ("cnn: test.loss", "0.02000", "0.01000", "-0.01000"),
        ("cnn: parameters", "1,000", "1,000", "-"),
        ("cnn: test.new", "-", "1.00000", "-"),
    ]


@pytest.fixture
def pair() -> Pair:
    actual = np.array([1, 2, 3, 4, 5], np.uint8)
    base = Results("test", {}, actual, np.array([1, 2, 3, 0, 0], np.uint8), np.array([1, 1, 1, 99, 99]))
    head = Results("test", {}, actual, np.array([1, 0, 0, 4, 0], np.uint8), np.array([1, 80, 90, 1, 99]))
    return Pair(base, head)


def test_find_returns_what_only_one_side_classifies_correctly_by_change_of_loss(pair):
    found = find(pair)
    assert found.base.tolist() == [2, 1]
    assert found.head.tolist() == [3]


def test_draw_shows_each_image_with_its_digit_and_both_predictions(pair):
    images = np.arange(5, dtype=np.float32).reshape(5, 1, 1).repeat(28, 1).repeat(28, 2) / 5
    [axis] = draw("title", images, pair, np.array([2, 1])).axes
    assert [image.get_array().max() for image in axis.images] == pytest.approx([0.4, 0.2])
    assert [text.get_text() for text in axis.texts] == [
        "title: 2 of 2 images", "actual 3", "base 3", "head 0", "actual 2", "base 2", "head 0",
    ]  # fmt: skip
    assert axis.texts[2].get_color() != axis.texts[3].get_color()


def test_draw_shows_the_first_images_only(pair):
    [axis] = draw("title", np.zeros((5, 28, 28)), pair, np.repeat([2, 1], SHOWN)).axes
    assert len(axis.images) == SHOWN
    assert axis.texts[0].get_text() == f"title: {SHOWN} of {2 * SHOWN} images"


def test_the_gate_needs_none_of_the_libraries_of_the_report(repository):
    script = (
        "import sys; from checks import regression; sys.argv[1:] = ['HEAD']; regression.main();"
        "print(*{'markdown_it', 'matplotlib', 'sklearn'} & set(sys.modules), file=sys.stderr)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert finished.stderr.strip() == ""


def test_dvc_compares_two_commits_in_a_fresh_clone(workspace: Workspace, tmp_path: Path):
    """metrics diff, params diff and plots diff: no cache, no remote, no data."""
    results = Repository(workspace.root)
    for seed in (10, 11):
        for network in NETWORKS:
            results.write_results(network, seed, actual=labels(500))
        workspace.set_params(models__cnn__epochs=seed)
        workspace.commit(f"seed {seed}")
    clone = Workspace(tmp_path / "clone")
    workspace.run("git", "clone", "-q", str(workspace.root), str(clone.root))
    assert not (clone.root / ".dvc/cache").exists()

    difference = json.loads(clone.run("dvc", "metrics", "diff", "--json", "HEAD~1"))
    assert difference["metrics/cnn.json"]["test.accuracy"]["diff"] != 0
    rows = clone.run("dvc", "metrics", "diff", "--md", "HEAD~1").splitlines()
    assert any(
        re.match(r"\| metrics/cnn.json +\| test.accuracy +\| 0\.\d+ +\| 0\.\d+ +\| -?0\.\d+ +\|", row) for row in rows
    )
    changed = json.loads(clone.run("dvc", "params", "diff", "--json", "HEAD~1"))
    assert changed["params.yaml"]["models.cnn.epochs"] == {"old": 10, "new": 11, "diff": 1}
    clone.run("dvc", "plots", "diff", "HEAD~1", "HEAD", "-o", "plots-page")
    page = (clone.root / "plots-page/index.html").read_text()
    for name in ("accuracy", "loss", "confusion"):
        assert name in page
    assert not (clone.root / ".dvc/cache").exists()
