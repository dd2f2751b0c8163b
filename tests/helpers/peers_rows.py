"""Made-up rows of benchmarks/peers.json."""

from typing import Any


def row(name: str, seed: int, **values: Any) -> dict[str, Any]:
    usual = {"accuracy": 0.99, "nll": 0.03, "seconds": 20.0, "fit_seconds": 10.0, "parameters": 1234, "epochs": 2}
    speed = {"multiply_adds": 5678, "images_per_second": 9000.0}
    return {"name": name, "seed": seed, **usual, **speed, **values}
