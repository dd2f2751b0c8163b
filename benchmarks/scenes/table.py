"""The table of docs/scenes.md."""

from benchmarks.machine import processor
from benchmarks.scenes.kinds import KINDS
from benchmarks.scenes.kinds.registry import Family
from benchmarks.scenes.scoring import Score
from checks.markdown import table

HEADINGS = ("kind", "right", "refused", "wrong", "wrong at 90 % or more", "target")
RIGHT, RIGHT_OR_REFUSED, SURELY_WRONG, WHOLE = 0.8, 0.95, 0.025, 0.95
TITLES: dict[Family, str] = {
    "digit": "One digit",
    "number": "Numbers of separate digits",
    "touching": "Numbers whose digits touch (no target)",
    "nothing": "No number: to be refused (no target)",
    "lookalike": "Letters that look like digits (no target)",
}


def meets_target(family: Family, score: Score) -> bool | None:
    """Return whether a kind's score is good enough, or None if nothing is promised."""
    if family == "digit":
        return (
            score.right >= RIGHT * score.total
            and score.right + score.refused >= RIGHT_OR_REFUSED * score.total
            and score.sure <= SURELY_WRONG * score.total
        )
    return score.right >= WHOLE * score.total if family == "number" else None


def report(scores: dict[str, Score], command: str) -> str:
    """Return the Markdown page of all kinds; `command` made it."""
    parts = [
        "# Photos, scans and drawings",
        f"What `app.predict` makes of {len(scores)} kinds of picture, made up from MNIST's test digits. "
        f"`{command}`, on {processor()}.",
        f"A kind of one digit meets its target if {RIGHT:.0%} are right, {RIGHT_OR_REFUSED:.0%} right or refused and "
        f"at most {SURELY_WRONG:.1%} wrong at 90 % or more; a kind of numbers if {WHOLE:.0%} are right as a whole. "
        "Settings were chosen on other digits and other values of the parameters (`--half tune`).",
    ]
    for family, title in TITLES.items():
        of_family = {name: score for name, score in scores.items() if KINDS[name].family == family}
        if of_family:
            parts += [f"## {title}", table(HEADINGS, [row(name, score) for name, score in of_family.items()])]
            parts.append(summary(family, of_family))
    return "\n\n".join(parts)


def row(name: str, score: Score) -> list[str]:
    met = meets_target(KINDS[name].family, score)
    verdict = "" if met is None else "met" if met else "**missed**"
    return [name.replace("_", " "), *(f"{count}" for count in score), verdict]


def summary(family: Family, scores: dict[str, Score]) -> str:
    total = Score(*(sum(counts) for counts in zip(*scores.values(), strict=True)))
    shares = [f"{count / total.total:.1%} {what}" for count, what in zip(total, HEADINGS[1:5], strict=True)]
    met = [meets_target(family, score) for score in scores.values()]
    text = f"Of {total.total:,} pictures: {', '.join(shares)}."
    return text if None in met else f"{text} {sum(map(bool, met))} of {len(met)} kinds meet the target."
