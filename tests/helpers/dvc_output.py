"""What `dvc repro` and `dvc status` print, as sets of stages."""


def ran(printed: str) -> set[str]:
    """Return the stages that dvc ran."""
    return {line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage '")}


def stale(printed: str) -> set[str]:
    """Return the stages that `dvc status` lists."""
    return {line.rstrip(":") for line in printed.splitlines() if line.endswith(":") and not line[0].isspace()}
