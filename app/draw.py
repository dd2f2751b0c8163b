"""A page to draw a digit on, or upload an image of one, and see how likely each digit is as you draw.

Gradio serves the page and the API behind it (`recognise`) on loopback. Nothing is stored, no other host is asked.
Imports neither TensorFlow nor DVC.
"""

import argparse
import base64
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import gradio
import numpy as np
from PIL import Image
from starlette.middleware import Middleware

from app.body_limit import BodyLimit
from app.image_files import read_pixels, silence_pillow
from stages.artifacts import errors, paths
from stages.artifacts.errors import PipelineError
from stages.artifacts.images import normalise
from stages.artifacts.paths import ModelName
from stages.inference.classifier import OnnxClassifier

SURE = 0.8  # the least probability at which the page names one digit alone
MOST_BYTES = 10_000_000  # of an image file

_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")  # of uploads; for EPS, Pillow runs Ghostscript
_PAGE = Path(__file__).parent / "page"
_MOST_BYTES_OF_A_REQUEST = MOST_BYTES * 4 // 3 + 1000  # base64, and the JSON around it
_THREADS = 4  # images that are read at once: each may unpack to hundreds of megabytes


def main() -> None:
    arguments = parse_arguments()
    silence_pillow()
    page = build(OnnxClassifier(paths.onnx_model(arguments.model), threads=1))
    url = serve(page, arguments.host, arguments.port)
    print(f"Draw a digit at {url} (Ctrl-C ends it)", flush=True)
    try:
        threading.Event().wait()
    finally:
        page.close(verbose=False)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.draw", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=port_number, default=7860, metavar="N", help="default: 7860")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="default: 127.0.0.1, this machine alone")
    parser.add_argument("--model", choices=get_args(ModelName), default="cnn", help="default: cnn")
    return parser.parse_args()


def port_number(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to 65535")
    return int(text)


def build(classifier: OnnxClassifier) -> gradio.Blocks:
    """Return the page and its API."""
    with gradio.Blocks(title="Digit recognizer", analytics_enabled=False) as page:
        gradio.HTML(
            html_template=(_PAGE / "page.html").read_text(encoding="utf-8"),
            js_on_load=f"const mostBytes = {MOST_BYTES};\n" + (_PAGE / "page.js").read_text(encoding="utf-8"),
            apply_default_css=False,
        )
        gradio.api(recogniser(classifier), api_name="recognise", queue=False)
    return page


def serve(page: gradio.Blocks, host: str, port: int) -> str:
    """Serve the page from separate threads; return its URL. Raises PipelineError if the port is in use."""
    os.environ["no_proxy"] = "*"  # Gradio asks its own server whether it is up, and no proxy
    try:
        page.launch(
            server_name=host,
            server_port=port,
            share=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            quiet=True,
            prevent_thread_lock=True,
            max_threads=_THREADS,
            max_file_size=MOST_BYTES,
            app_kwargs={"middleware": [Middleware(BodyLimit, most_bytes=_MOST_BYTES_OF_A_REQUEST)]},
            footer_links=[],
            run_history=False,
            theme=gradio.themes.Default(font="system-ui", font_mono="ui-monospace"),  # no fonts from another host
            css_paths=_PAGE / "page.css",
        )
    except OSError:
        raise PipelineError(f"port {port} of {host} is in use: choose another with --port") from None
    return str(page.local_url)


def recogniser(classifier: OnnxClassifier) -> Callable[[str], dict[str, Any]]:
    def recognise(image: str) -> dict[str, Any]:
        """Which digit is in an image? Takes a data URL of an image file.

        Returns the ten `probabilities`, the two `most_likely` digits, whether the network is `sure`, and the 28x28
        `pixels` that it saw, as a data URL; or an `error`.
        """
        try:
            pixels = read_pixels(io.BytesIO(decode(image)), _FORMATS)
            probabilities = classifier.predict(normalise(pixels[np.newaxis]))[0]
        except PipelineError as error:
            return {"error": str(error)}
        return {
            "probabilities": [round(float(probability), 6) for probability in probabilities],
            "most_likely": np.argsort(-probabilities, kind="stable")[:2].tolist(),
            "sure": bool(probabilities.max() >= SURE),
            "pixels": encode(pixels),
        }

    return recognise


def decode(url: str) -> bytes:
    """Return the content of a base64 data URL. Raises PipelineError if it is not one, or holds more than MOST_BYTES."""
    head, _, data = str(url).partition(",")
    if not (head.startswith("data:") and head.endswith(";base64")):
        raise PipelineError("not a data URL")
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise PipelineError("not base64") from None
    if len(content) > MOST_BYTES:
        raise PipelineError(f"too large: more than {MOST_BYTES / 1e6:.0f} MB")
    return content


def encode(pixels: np.ndarray) -> str:
    """Return (h, w) uint8 pixels as the data URL of a PNG."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


if __name__ == "__main__":
    errors.run(main)
