"""The commands that the README, docs/ and CONTRIBUTING show are run: one that is new or changed fails here until it is.

Most are a story, told in the order of the pages by bash in a clone with a few digits and small networks. It takes
minutes, so it runs if README_STORY is set, as .ci/run does. The others are run by .ci/run itself, or below.
"""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from dvc.cli.parser import get_main_parser

from benchmarks.served_page import free_port
from benchmarks.strokes import image
from stages.ingest.kaggle_csv import Table
from tests.helpers.datasets import save_csv
from tests.helpers.dvc_output import ran
from tests.helpers.page_blocks import bash_blocks, blocks, read
from tests.helpers.sure_networks import save_networks
from tests.helpers.workspace import ROOT, Workspace

STORY_PAGES = (
    "README.md",
    "docs/experiments.md",
    "docs/sharing.md",
    "docs/app.md",
    "docs/benchmarks.md",
)
OTHER_STORY_PAGES = ("docs/own-digits.md",)  # test_own_digits.py runs each of its blocks
PAGES = (
    *STORY_PAGES,
    *OTHER_STORY_PAGES,
    "CONTRIBUTING.md",
    "docs/calibration-and-robustness.md",
    "docs/gate.md",
    "docs/non-digits.md",
    "docs/outputs.md",
    "docs/own-data.md",
    "docs/reproducibility.md",
    "docs/scenes.md",
)
CI = (ROOT / ".ci/run").read_text()

# The commands of the story, and a pattern of what each prints.
STORY = {
    "pip install -r requirements.txt && dvc repro": r"'download' didn't change(?s:.*)Running stage 'submit'",
    "dvc add data/train.csv data/test.csv": r"data/\.gitignore",
    "dvc repro evaluate submit": r"Running stage 'preprocess'(?s:.*)Running stage 'submit'",
    'git add . && git commit -m "My own data"': r"create mode \d+ data/train\.csv\.dvc",
    "dvc exp run -S models.cnn.epochs=5 -S models.cnn.optimizer=nadam": r"cnn: epoch 5/5(?s:.*)Ran experiment",
    "rm -r metrics plots && git checkout . && dvc checkout --allow-missing": r"Updated \d+ paths",
    """dvc exp run --queue -S models.mlp.teacher=none -S models.mlp.epochs=36 -S models.mlp.augment.final_epochs=6 \\
  -S 'models.mlp.optimizer=adamw,adam,nadam,rmsprop,sgd'""": r"(?:Queued experiment(?s:.*)){5}",
    "dvc queue start": r"Started '1' new",
    "dvc queue status": r"Worker status",
    """dvc exp show --md --only-changed --hide-workspace --drop '.*' \\
  --keep 'models.mlp.optimizer|metrics/mlp.json:validation.(accuracy|loss)'""": r"(?:\| [01](?:\.\d+)? +\| \d\.\d+ +\| "
    r"(?:adamw|adam|nadam|rmsprop|sgd) +\|\s+){6}",  # the sweep, and the commit that it began from
    "python -m checks.seeds --seeds 5 --network mlp -S models.mlp.dropout=0.1": r"paired by seed",
    "dvc metrics diff": r"metrics/cnn\.json +validation\.accuracy",
    "dvc params diff": r"models\.cnn\.optimizer +adamw +nadam",
    "dvc plots diff HEAD": r"file://.*index\.html",
    "dvc exp run -S models.mlp.teacher=none -S models.mlp.epochs=36 -S models.mlp.augment.final_epochs=6": (
        r"mlp: epoch 36/36(?s:.*)Ran experiment"
    ),
    "cp models/cnn.keras models/expert.keras && dvc add models/expert.keras": r"models/\.gitignore",
    'git add models && git commit -m "A teacher"': r"create mode \d+ models/expert\.keras\.dvc",
    "PYTHONPATH=. dask scheduler": r"Scheduler at: *tcp://",
    "PYTHONPATH=. dask worker tcp://SCHEDULER:8786 --nworkers 2 --nthreads 1": r"Registered to",
    "DASK_SCHEDULER_ADDRESS=tcp://SCHEDULER:8786 dvc repro": r"2 Dask workers at tcp://",
    "dvc remote add -d storage /mnt/shared/digits     # a folder": r"Setting 'storage' as a default remote",
    "dvc remote modify storage verify true": r"",
    "dvc push": r"\d+ files pushed",
    'git commit -am "Share data and models" && git push': r"main -> main",
    "git clone URL digits && cd digits": r"",
    "python -m venv .venv && source .venv/bin/activate": r"",
    "pip install -r requirements.txt": r"",
    "pip install dvc-s3  # or dvc-ssh, or for a folder neither": r"",
    "dvc pull": r"A +models/cnn\.onnx",
    "python -m app.predict digit.png": r"^digit\.png\t\d\t[01]\.\d+$",
    "pip install -r requirements-app.txt": r"",
    "python -m app.draw": r"Draw a digit at (http://\S+)",
    "curl -s -F file=@digit.png http://127.0.0.1:7860/predict": r'"number":"\d"',
    "python -m checks.regression main": r"^no (regression|difference)",
    "python -m checks.report main -o report": r"page: report/index\.html",
    "python -m benchmarks.peers": r"written to trial/peers\.json",
}
SERVERS = ("PYTHONPATH=. dask scheduler", "PYTHONPATH=. dask worker", "python -m app.draw")  # which do not end

# Those that .ci/run runs as they stand, beside the blocks that it takes from the pages.
IN_CI = (
    "ruff check && ruff format --check && mypy",
    "pip install -r requirements-dev.txt && pytest",
    "pip install -r requirements-app.txt",
)

# The one that the workflow runs, with more options.
IN_WORKFLOW = 'pytest -m "not slow"'

# Compiling the requirements asks the index, which answers differently tomorrow; Kaggle wants an account.
BY_HAND = (
    "export UV_CUSTOM_COMPILE_COMMAND",
    "uv pip compile",
    "cp requirements-dev.txt",
    "pip install kaggle",
    "kaggle ",
    "unzip ",
)

# Setting up a remote needs no server; test_shared_storage.py has servers, and shares over each kind of remote.
REMOTES = {
    "ssh": [
        "dvc remote add -d storage ssh://HOST/srv/digits  # SSH: pip install dvc-ssh",
        "dvc remote modify --local storage user NAME                    # SSH",
        "dvc remote modify --local storage keyfile ~/.ssh/id_ed25519",
    ],
    "s3": [
        "dvc remote add -d storage s3://BUCKET/digits     # S3: pip install dvc-s3",
        "dvc remote modify --local storage access_key_id ID             # S3",
        "dvc remote modify --local storage secret_access_key SECRET",
        "dvc remote modify storage endpointurl https://S3.EXAMPLE.COM   # for Git: an S3 that is not Amazon's",
    ],
}

# Of the commands within the text, these end the story.
INLINE = ("dvc metrics show", "dvc plots show", "dvc metrics diff main", "dvc plots diff main")

# What pip is in the story: all that it would install is there, and .ci/run installs it in new environments.
PIP = 'pip() { [ "$1" = install ] && { [ "$2" != -r ] || [ -f "$3" ]; }; }'


def test_pages_include_every_page_of_docs():
    assert {f"docs/{page.name}" for page in (ROOT / "docs").iterdir()} == {page for page in PAGES if "docs/" in page}


def inline_commands() -> Iterator[str]:
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", read(page), flags=re.M | re.S)
        for code in re.findall(r"`([^`]+)`", text):
            yield from " ".join(code.split()).split(" && ")


def ci_blocks() -> list[tuple[str, int]]:
    return [(page, int(number)) for page, number in re.findall(r"block (\S+\.md) (\d+)", CI)]


def test_every_command_of_a_page_is_run_by_the_story_or_ci_or_a_test():
    pages = set(PAGES) - set(OTHER_STORY_PAGES)
    shown = {command for page in pages for block in bash_blocks(page) for command in block.commands}
    by_ci = {command for page, number in ci_blocks() for command in bash_blocks(page)[number - 1].commands}
    known = {*STORY, *IN_CI, IN_WORKFLOW, *chain(*REMOTES.values())}
    left = {command for command in shown - known - by_ci if not command.startswith(BY_HAND)}
    assert sorted(left) == []  # nothing runs these
    assert sorted(known - shown) == []  # these are shown no more


def test_ci_runs_the_commands_that_are_left_to_it():
    lines = [line.strip(" ()") for line in CI.splitlines()]
    assert set(IN_CI) <= set(lines)
    assert f"- run: {IN_WORKFLOW}" in (ROOT / ".github/workflows/ci.yml").read_text()
    assert ("README.md", 1) in ci_blocks()


@pytest.mark.parametrize(("page", "number"), ci_blocks())
def test_ci_takes_commands_from_the_pages_unchanged(page: str, number: int):
    [function] = re.findall(r"^block\(\).*$", CI, re.M)
    script = f"{function}\nblock {page} {number}"
    taken = subprocess.run(["bash", "-c", script], cwd=ROOT, text=True, stdout=subprocess.PIPE, check=True).stdout
    assert taken == bash_blocks(page)[number - 1].text != ""


@pytest.mark.parametrize("command", sorted({c for c in inline_commands() if re.match("(python -m|dvc|pip) ", c)}))
def test_inline_commands_exist(command: str):
    """A module of this name, a file to install from; DVC knows the subcommand and its options."""
    program, *arguments = shlex.split(command)
    if program == "python":
        assert find_spec(arguments[1])
    elif program == "pip":
        assert arguments[0] == "install" and len(arguments) > 1
        assert "-r" not in arguments or (ROOT / arguments[-1]).is_file()
    else:
        get_main_parser().parse_args(arguments)


@pytest.mark.end_to_end
@pytest.mark.parametrize("kind", REMOTES)
def test_remote_is_set_up_as_shown_with_its_secrets_out_of_git(kind: str, workspace: Workspace):
    workspace.run("bash", "-euc", "\n".join(REMOTES[kind]))
    assert f"{kind}://" in (workspace.root / ".dvc/config").read_text()
    local = (workspace.root / ".dvc/config.local").read_text()
    assert local.count(" = ") == sum("--local" in command for command in REMOTES[kind])
    assert workspace.run("git", "status", "--porcelain") == " M .dvc/config\n"
    workspace.run("git", "checkout", ".")
    (workspace.root / ".dvc/config.local").unlink()


@pytest.fixture(scope="module")
def project(workspace: Workspace, digits: Table) -> Workspace:
    """The clone with small networks, an origin, an image, own CSVs and, as if downloaded, a few digits for MNIST."""
    folder = workspace.root.parent
    for train, test in (("data/mnist/train.csv", "data/mnist/test.csv"), ("data/train.csv", "data/test.csv")):
        first = 0 if "mnist" in train else 600
        save_csv(workspace.root / train, Table(*(part[first : first + 600] for part in digits)))
        save_csv(workspace.root / test, Table(*(part[1500:1700] for part in digits)))
    save_networks(folder / "sure")  # the small networks are sure of nothing, and what is unsure is refused
    for place in (workspace.root, folder / "sure"):
        image(7).save(place / "digit.png")
    for model, layers in {"mlp": [16], "cnn": [4, 4, 8, 8]}.items():
        small = {"layers": layers, "epochs": 1, "batch_size": 64, "test_shift": 0, "augment__final_epochs": 0}
        workspace.set_params(**{f"models__{model}__{key}": value for key, value in small.items()})
        workspace.set_params(**{f"gate__floor__{model}": 0.01})
    workspace.set_params(screen__examples=200, screen__epochs=1)
    workspace.run("dvc", "commit", "-f", "download")
    workspace.run("git", "commit", "-qam", "As small as a test needs")
    workspace.run("git", "init", "-qb", "main", "--bare", str(folder / "origin"))
    workspace.run("git", "remote", "add", "origin", str(folder / "origin"))
    workspace.run("git", "push", "-qu", "origin", "main")
    (folder / "colleague").mkdir()
    return workspace


def replacements(folder: Path) -> dict[str, str]:
    """What a user puts in for a name in capitals, and what keeps a command small and to this machine."""
    scheduler, page = free_port(), free_port()
    return {
        "/mnt/shared/digits": f"{folder}/storage",
        "git clone URL": f"cd {folder}/colleague && git clone {folder}/origin",
        "dask scheduler": f"dask scheduler --host 127.0.0.1 --port {scheduler} --no-dashboard",
        "SCHEDULER:8786": f"127.0.0.1:{scheduler}",
        "python -m app.predict": f"cd {folder}/sure && PYTHONPATH={folder}/project python -m app.predict",
        "python -m app.draw": f"python -m app.draw --port {page}",
        "http://127.0.0.1:7860": f"http://127.0.0.1:{page}",
        "--seeds 5": "--seeds 2",
        "python -m benchmarks.peers": "python -m benchmarks.peers --only plain-mlp mlp --epochs 1 -o trial --seeds 1",
    }


def prepare(project: Workspace, command: str) -> None:
    """What the text says to do before a command."""
    if command.startswith("DASK_SCHEDULER_ADDRESS"):
        project.set_params(models__mlp__members=2, models__mlp__threads=1)
    if command.startswith("dvc exp show"):
        while re.search("Queued|Running", project.run("dvc", "queue", "status").split("Worker status")[0]):
            time.sleep(2)
    if command.startswith("python -m checks.seeds"):
        project.run("git", "commit", "-qam", "What was tried")
    if command == "dvc params diff":
        project.set_params(models__cnn__optimizer="nadam", models__cnn__epochs=5)
        project.run("dvc", "repro")
    if command == "python -m benchmarks.peers":  # it is of MNIST
        project.set_params(data__train_csv="data/mnist/train.csv", data__test_csv="data/mnist/test.csv")
        project.set_params(models__mlp__members=1)
        project.run("dvc", "repro", "preprocess")


@pytest.mark.end_to_end
@pytest.mark.skipif("README_STORY" not in os.environ, reason="takes minutes: set README_STORY=1, as .ci/run does")
def test_the_commands_of_the_pages_run_in_their_order(project: Workspace):
    folder = project.root.parent
    replaced = replacements(folder)
    with ExitStack() as servers:
        for block in chain(*map(blocks, STORY_PAGES)):
            if block.language == "yaml":
                for section, values in yaml.safe_load(block.text).items():
                    project.set_params(**{f"{section}__{key}": value for key, value in values.items()})
                continue
            commands = [command for command in block.commands if command in STORY and has_program(command)]
            for command in commands:
                prepare(project, command)
            play(project, [command for command in commands if not command.startswith(SERVERS)], replaced)
            for command in commands:
                if command.startswith(SERVERS):
                    serve(project, command, replaced, servers)

    colleague = Workspace(folder / "colleague/digits")
    assert ran(colleague.run("dvc", "repro")) == set()
    assert colleague.run("git", "status", "--porcelain") == ""
    assert set(INLINE) <= set(inline_commands())
    for command in INLINE:
        project.run(*command.split())


def has_program(command: str) -> bool:
    """curl is on most machines, and on none for this project's sake."""
    return "curl" not in command or shutil.which("curl") is not None


def fill_in(command: str, replaced: dict[str, str]) -> str:
    for shown, meant in replaced.items():
        command = command.replace(shown, meant)
    return command


def play(project: Workspace, commands: list[str], replaced: dict[str, str]) -> None:
    """Run a block in one shell; each command has to succeed and to print what is expected of it."""
    mark = "=== the next command ==="
    script = [PIP, *(f"{{ {fill_in(command, replaced)}\n}} || exit\necho '{mark}'" for command in commands)]
    printed = project.run("bash", "-euo", "pipefail", "-c", "\n".join(script)).split(mark + "\n")
    for command, said in zip(commands, printed, strict=False):
        assert re.search(STORY[command], said, re.M), f"{command}\n{said}"


def serve(project: Workspace, command: str, replaced: dict[str, str], servers: ExitStack) -> None:
    """Start a command that does not end by itself, wait until it says that it is up; open the page if it has one."""
    process = servers.enter_context(project.start("bash", "-c", fill_in(command, replaced)))
    servers.callback(process.terminate)
    up = next(match for line in process.stdout if (match := re.search(STORY[command], line)))
    for url in up.groups():
        with urlopen(url, timeout=20) as page:
            assert page.status == 200
