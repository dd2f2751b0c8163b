"""Is a recipe better, and not just one run of it? Trains it with several seeds, and a second setting with the same.

One run differs from the next by chance. For each network and metric this gives the mean over the seeds, the standard
deviation and the interval of the mean, and against a second setting the paired difference with its interval. The runs
are experiments in DVC's queue, one after the other; those that this commit has already are used again. Choices are made
on validation rows, so figures of the test rows are shown only with --release.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from itertools import count, islice, product
from typing import get_args

from checks.trials import comparison, queue, tables
from checks.trials.comparison import Figures
from checks.trials.queue import Trial
from stages.artifacts.errors import PipelineError, run
from stages.artifacts.paths import ModelName
from stages.config.params import load_params

CANNOT_RUN = 2
MINUTES = 5  # of a run of the committed params on two cores (README), until the first run has been timed
NETWORKS = get_args(ModelName)
Setting = tuple[str, ...]


def main() -> None:
    arguments = parse_arguments()
    subsets = ("validation", "train", *(["test"] if arguments.release else []))
    networks = [arguments.network] if arguments.network else NETWORKS
    target = f"evaluate@{arguments.network}" if arguments.network else "evaluate"
    seeds = list(islice((seed for seed in count(1) if seed != load_params().seed), arguments.seeds))
    settings: list[Setting] = [tuple(arguments.setting), tuple(arguments.against)] if arguments.setting else [()]
    trials = [Trial(seed, setting, target) for seed, setting in product(seeds, settings)]  # pairs first, for Ctrl-C

    metrics, failed = run_trials(trials)
    figures = {trial: comparison.figures(files, networks, subsets) for trial, files in metrics.items()}
    print(arguments.render(assess(figures, seeds, settings, target, failed)))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m checks.seeds",
        description=__doc__,
        epilog="exit status: 0 done; 2 it cannot run, or fewer than two seeds finished (one line on stderr states why)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", metavar="N", type=int, default=5, help="how many, at least 2 (default: %(default)s)")
    parser.add_argument(
        "-S",
        dest="setting",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="as of dvc exp run: a change of params.yaml",
    )
    parser.add_argument(
        "--against",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a change of the second setting, which is otherwise the committed params",
    )
    parser.add_argument("--network", choices=NETWORKS, help="train only this one, and its teacher")
    parser.add_argument("--release", action="store_true", help="show figures of the test rows, too")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--md", dest="render", action="store_const", const=tables.markdown, help="print Markdown")
    forms.add_argument("--json", dest="render", action="store_const", const=tables.as_json, help="print JSON")
    parser.set_defaults(render=tables.text)
    arguments = parser.parse_args()
    changes = [*arguments.setting, *arguments.against]
    if arguments.seeds < 2:
        parser.error("--seeds must be at least 2: one run has no standard deviation")
    if arguments.against and not arguments.setting:
        parser.error("--against needs a setting to compare: -S KEY=VALUE")
    if arguments.setting and sorted(arguments.setting) == sorted(arguments.against):
        parser.error("-S and --against are the same setting")
    if any(change.split("=")[0] == "seed" for change in changes):
        parser.error("the seeds are set by --seeds")
    return arguments


def run_trials(trials: Sequence[Trial]) -> tuple[dict[Trial, dict], dict[str, str]]:
    """Run those that this commit does not have yet. Return the metrics by file of each, and why others failed."""
    queue.check_idle()
    known = queue.finished()
    waiting = [trial for trial in trials if trial.name not in known]
    failed = {}
    _note(forecast(len(trials), len(waiting)))
    begin = time.monotonic()
    for number, (trial, state) in enumerate(queue.run(waiting), 1):
        if state == queue.FAILED:
            failed[trial.name] = queue.reason(trial.name)
        rest = (time.monotonic() - begin) / number * (len(waiting) - number)
        _note(
            f"{number} of {len(waiting)}: {trial.name}: {state.lower()}{f'; {_duration(rest)} to go' if rest else ''}"
        )
    metrics = queue.finished() if waiting else known
    return {trial: metrics[trial.name] for trial in trials if trial.name in metrics}, failed


def forecast(runs: int, waiting: int) -> str:
    there = f", of which {runs - waiting} exist" if waiting < runs else ""
    if not waiting:
        return f"{runs} runs{there}"
    return (
        f"{runs} runs{there}: {waiting} of about {MINUTES} min (the committed params on two cores; the first shows "
        f"what yours take) one after the other: {_duration(60 * MINUTES * waiting)}; Ctrl-C keeps what is finished"
    )


def assess(
    figures: dict[Trial, Figures], seeds: list[int], settings: list[Setting], target: str, failed: dict[str, str]
) -> tables.Result:
    """Compare the seeds that finished in every setting. Raises PipelineError if these are fewer than two."""
    complete = [seed for seed in seeds if all(Trial(seed, setting, target) in figures for setting in settings)]
    if len(complete) < 2:
        reasons = "; ".join(f"{name}: {why}" for name, why in failed.items())
        raise PipelineError(f"an interval needs two seeds that finish in each setting, not {len(complete)} ({reasons})")
    runs = [[figures[Trial(seed, setting, target)] for seed in complete] for setting in settings]
    names = [" ".join(setting) or "the committed params" for setting in settings]
    estimates = {name: comparison.estimates(own) for name, own in zip(names, runs, strict=True)}
    return tables.Result(complete, estimates, comparison.differences(*runs) if len(runs) == 2 else [], failed)


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 2:
        return f"about {seconds:.0f} s"
    return f"about {minutes:.0f} min" if minutes < 120 else f"about {minutes / 60:.1f} h"


if __name__ == "__main__":
    run(main, prefix="cannot run", status=CANNOT_RUN)
