"""Which training rows are held out for validation: drawn at random, with the same share of each digit."""

import numpy as np

from stages.artifacts.errors import PipelineError


def draw_validation_rows(labels: np.ndarray, validation: float, seed: int) -> np.ndarray:
    """Return (n,) bool: which of the rows with these (n,) labels are held out, stratified by label.

    Raises PipelineError if there are too few rows.
    """
    from sklearn.model_selection import train_test_split  # takes a second: no other error waits for it

    rows = np.arange(len(labels))
    try:
        _, held_out = train_test_split(rows, test_size=validation, stratify=labels, random_state=seed)
    except ValueError as error:
        raise PipelineError(
            f"data.train_csv: {len(labels)} rows are too few to hold out {validation:g} of them (split.validation in "
            f"params.yaml): {error}"
        ) from None
    return np.isin(rows, held_out)
