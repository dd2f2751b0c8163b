"""A page to draw digits on, upload a picture of them, or hold them to the camera, and see what is read.

The page and the API behind it are served to this machine alone. No other host is asked, and nothing is stored, unless
--keep names a folder for pictures that were read wrongly. Imports neither TensorFlow nor DVC.
"""

import argparse
from pathlib import Path
from typing import get_args

from app.reading.pictures import silence_pillow
from app.reading.reader import load_reader
from app.server import api, serving
from stages.artifacts import errors
from stages.artifacts.paths import ModelName


def main() -> None:
    arguments = parse_arguments()
    silence_pillow()
    reader = load_reader(arguments.model)
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    app = api.build(reader, arguments.model, arguments.host, arguments.keep)
    with serving.listen(arguments.host, arguments.port) as listening:
        print(f"Draw a digit at {serving.url(arguments.host, arguments.port)} (Ctrl-C ends it)", flush=True)
        serving.serve(app, listening)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.draw", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=port_number, default=7860, metavar="N", help="default: 7860")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="default: 127.0.0.1, this machine alone")
    parser.add_argument("--model", choices=get_args(ModelName), default="cnn", help="default: cnn")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep corrected pictures in DIR, for app.to_csv")
    return parser.parse_args()


def port_number(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    errors.run(main)
