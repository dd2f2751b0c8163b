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
from checks.page import charts, confusion, curves
from checks.page.disagreements import find
from checks.page.histories import Point, read_history
from stages.artifacts.errors import PipelineError
from stages.config.params import load_params
from stages.evaluation import metrics
from tests.helpers.repository import IMAGES, NETWORKS, ROOT, Repository, labels
from tests.helpers.workspace import Workspace

SECTIONS = ["Params", "Metrics", "Curves", "Confusion matrices", "Images that only one side gets right"]
EPOCHS = load_params(ROOT / "params.yaml").models.cnn.epochs
PNG = b"\x89PNG\r\n\x1a\n"


def write_history(repository: Repository, network: str, loss: str = "0.1") -> None:
    rows = [f"{epoch},0.9{epoch},{loss},0.9{epoch},0.2,0.001" for epoch in (1, 2, 3)]
    header = "epoch,accuracy,loss,val_accuracy,val_loss,learning_rate"
    (repository.root / f"plots/{network}/history.csv").write_text("\n".join([header, *rows, ""]))


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Two commits: the second has another param, and a cnn of another seed."""
    repository = Repository.create(tmp_path_factory.mktemp("committed") / "repository")
    for network in NETWORKS:
        write_history(repository, network)
    repository.commit("base")
    repository.edit("params.yaml", f" epochs: {EPOCHS}\n", f" epochs: {EPOCHS + 1}\n")
    repository.write_results("cnn", seed=11)
    repository.commit("head")
    return repository


@pytest.fixture
def repository(committed: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    copy = committed.copy_to(tmp_path / "repository")
    monkeypatch.chdir(copy.root)
    return copy


@pytest.fixture
def run(repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command; return its exit status, and what it printed to stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["report", *arguments])
        status = report.main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, path: Path = Path("report/index.html")):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def images(self) -> list[str]:
        return [attributes["src"] for tag, attributes in self.tags if tag == "img"]


def markdown() -> str:
    return Path("report/report.md").read_text(encoding="utf-8")


def write_images(repository: Repository, recorded: bytes | None = None) -> None:
    """Write data/prepared/test_images.npy, and a dvc.lock that names it, or names `recorded` in its place."""
    path = repository.root / "data/prepared/test_images.npy"
    path.parent.mkdir(parents=True)
    np.save(path, np.random.default_rng(0).random((IMAGES, 28, 28), np.float32))
    lock = yaml.safe_load((repository.root / "dvc.lock").read_text())
    md5 = hashlib.md5(recorded or path.read_bytes()).hexdigest()
    lock["stages"]["preprocess"]["outs"] = [{"path": "data/prepared/test_images.npy", "md5": md5}]
    (repository.root / "dvc.lock").write_text(yaml.safe_dump(lock))


def test_a_page_and_markdown_show_what_the_gate_says_and_what_differs(repository, run):
    status, out, _ = run("HEAD~1", "--head", "HEAD")
    page = Page()
    assert status == 0
    assert out.startswith("no regression: the least p is")
    assert "report/index.html" in out
    assert "✓ No regression" in page.text
    for text in (page.text, markdown()):
        assert [text.index(section) for section in SECTIONS] == sorted(text.index(section) for section in SECTIONS)
        assert "within the noise" in text or "not worse" in text
        assert re.search(rf"models.cnn.epochs\W+{EPOCHS}\W+{EPOCHS + 1}", text)
        assert "test.accuracy" in text
    assert len(page.images()) == 2 * (2 + 3)


def test_the_markdown_has_its_pictures_beside_it_and_the_page_needs_none(repository, run):
    write_images(repository)
    run("HEAD~1")
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", markdown())
    assert {f"{network}-accuracy.png" for network in NETWORKS} < set(pictures)
    assert {"cnn-only-base.png", "cnn-only-head.png"} < set(pictures)
    for picture in pictures:
        assert (Path("report") / picture).read_bytes().startswith(PNG)
    assert {path.name for path in Path("report").iterdir()} == {*pictures, "index.html", "report.md"}


def test_the_page_loads_nothing(repository, run):
    write_images(repository)
    run("HEAD~1")
    page = Page()
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "embed", "base"}
    for tag, attributes in page.tags:
        for name in {"src", "href", "srcset", "data", "action"} & attributes.keys():
            assert attributes[name].startswith("data:"), (tag, attributes[name][:80])
    drawn = [base64.b64decode(image.partition("base64,")[2]) for image in page.images()]
    for text in [page.source, *(image.decode() for image in drawn if not image.startswith(PNG))]:
        assert not re.search(r"@import|@font-face|url\((?!#)|<image|<use|<script", text)
        links = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
        assert not re.search(r"https?://", links)


def test_a_regression_is_shown_as_one(repository, run):
    repository.write_results("cnn", seed=10, shift=-1.5)
    status, out, _ = run("HEAD")
    page = Page()
    assert status == 1
    assert out.startswith("REGRESSION: cnn: accuracy")
    assert "✗ Regression" in page.text
    assert ("div", {"class": "banner failed", "role": "status"}) in page.tags
    assert markdown().startswith("**REGRESSION: cnn: accuracy")


def test_what_a_param_holds_is_text(repository, run):
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


def test_not_comparable_leaves_no_page(repository, run):
    for arguments, words in ((("no-such-branch",), "names no commit"), (("HEAD", "-o", "elsewhere"), "has no metrics")):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("not comparable: ")
        assert words in err
        assert err.count("\n") == 1
        assert not Path("report").exists()
        assert not Path("elsewhere").exists()
        (repository.root / "metrics/cnn.json").unlink(missing_ok=True)


def test_a_folder_that_cannot_be_written_is_an_error_in_a_line(repository, run):
    Path("report").write_text("a file")
    status, _, err = run("HEAD")
    assert status == 2
    assert err.startswith("error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda repository: None, "data/prepared/test_images.npy is not here: run dvc repro, or dvc pull"),
        (
            lambda repository: write_images(repository, b"others"),
            "is not the file that dvc.lock of the workspace names",
        ),
    ],
)
def test_without_the_very_images_a_line_says_so(repository, run, prepare, words):
    prepare(repository)
    assert run("HEAD~1")[0] == 0
    assert words in Page().text
    assert words in markdown().replace("&#95;", "_")
    assert not list(Path("report").glob("*-only-*.png"))
    assert re.search(r"Only base gets right: [1-9]", Page().text)  # counts need no images


def test_a_missing_history_leaves_a_line_in_its_place(repository, run):
    (repository.root / "plots/mlp/history.csv").unlink()
    assert run("HEAD")[0] == 0
    assert "the workspace has no plots/mlp/history.csv" in Page().text
    assert "the workspace has no plots/mlp/history.csv" in markdown()


@pytest.mark.parametrize(("loss", "kept"), [("0.1", 3), ("0", 3), ("1e30", 3), ("nan", 0), ("inf", 0)])
def test_a_diverged_history_is_still_drawn(repository, loss, kept):
    write_history(repository, "cnn", loss)
    points = read_history(of_workspace(), "cnn")
    assert [point.value for point in points if (point.measure, point.subset) == ("loss", "training")] == (
        [float(loss)] * kept
    )
    for measure in ("accuracy", "loss"):
        spec = curves.chart("cnn", measure, {"base": points, "head": points}, curves.domain(measure, points))
        assert "NaN" not in charts.svg(spec)


def test_one_epoch_is_a_point_as_it_makes_no_line():
    points = [Point(epoch, "loss", "training", 0.1) for epoch in (1, 2, 3)]
    drawn = [
        charts.svg(curves.chart("cnn", "loss", {"base": points, "head": head}, (0.01, 1)))
        for head in (points, points[:1])
    ]
    assert [svg.count('aria-roledescription="circle"') for svg in drawn] == [0, 1]


@pytest.mark.parametrize("loss", ["", "x"])
def test_a_history_of_another_form_is_an_error(repository, loss):
    write_history(repository, "cnn", loss)
    with pytest.raises(PipelineError, match=r"plots/cnn/history\.csv of the workspace cannot be drawn"):
        read_history(of_workspace(), "cnn")


def test_a_report_of_equal_sides_says_so(repository, run):
    status, out, _ = run("HEAD")
    assert status == 0
    assert out.startswith("no difference")
    assert "No param differs." in Page().text
    assert "Only head gets right: 0" in Page().text


def test_the_same_sides_make_the_same_bytes(repository, run):
    write_images(repository)
    made = []
    for folder in ("first", "second"):
        run("HEAD~1", "-o", folder)
        made.append({path.name: path.read_bytes() for path in Path(folder).iterdir()})
    assert made[0] == made[1]


def test_a_confusion_matrix_has_a_row_an_actual_digit():
    counts = metrics.confusion_matrix(np.array([1, 1, 2], np.uint8), np.array([1, 7, 2], np.uint8))
    assert (counts[1, 1], counts[1, 7], counts[2, 2], counts.sum()) == (1, 1, 1, 3)
    assert confusion.most_confused(counts * 5) == 5
    assert confusion.most_confused(np.eye(10, dtype=int)) == 1


def test_disagreements_are_what_one_side_alone_gets_right_and_the_clearest_first():
    actual = np.array([1, 2, 3, 4, 5], np.uint8)
    base = Results("test", {}, actual, np.array([1, 2, 3, 0, 0], np.uint8), np.array([1, 1, 1, 99, 99]))
    head = Results("test", {}, actual, np.array([1, 0, 0, 4, 0], np.uint8), np.array([1, 80, 90, 1, 99]))
    found = find(Pair(base, head))
    assert found.base.tolist() == [2, 1]
    assert found.head.tolist() == [3]


@pytest.mark.parametrize("missing", ["vl_convert", "jinja2"])
def test_without_its_libraries_it_says_what_to_install(repository, missing):
    script = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = ['HEAD'];"
        "from checks import report; sys.exit(report.main())"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert finished.returncode == 2
    assert finished.stderr == f"error: {missing} is not installed: pip install -r requirements-dev.txt\n"


def test_the_gate_needs_none_of_the_reports_libraries(repository):
    script = (
        "import sys; from checks import regression; sys.argv[1:] = ['HEAD']; regression.main();"
        "print(*{'vl_convert', 'jinja2', 'matplotlib'} & set(sys.modules), file=sys.stderr)"
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
    for name in ("accuracy", "loss", "confusion of cnn"):
        assert name in page
    assert not (clone.root / ".dvc/cache").exists()
