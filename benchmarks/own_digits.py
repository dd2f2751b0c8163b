"""Digits that no writer of MNIST wrote, as images in folders: the example of docs/own-digits.md.

They are the 1,797 digits that scikit-learn ships: the test set of E. Alpaydin and C. Kaynak's Optical Recognition of
Handwritten Digits, by 13 people, each as 8x8 counts of ink from 0 to 16. Every other one goes into FOLDER/train,
the rest into FOLDER/test: enlarged to 160x160 pixels, in dark ink on white paper with a margin.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from sklearn.datasets import load_digits

from stages.artifacts.errors import run

_SIDE, _MARGIN = 160, 40  # pixels


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.own_digits", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    source = load_digits()
    for i, (image, label) in enumerate(zip(source.images, source.target, strict=True)):
        path = folder / ("train" if i % 2 == 0 else "test") / f"{label}/{i:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        ink = Image.fromarray((image * 255 / 16).astype(np.uint8)).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        ImageOps.invert(ImageOps.expand(ink, _MARGIN)).save(path)
    print(f"{folder}: {len(source.images):,} images")


if __name__ == "__main__":
    run(main)
