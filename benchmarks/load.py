"""How does the page answer many clients at once? Each sends drawing after drawing, as the page does while one draws.

Starts the page on loopback, and asks it from threads: the next question follows the answer, at most 60 a second.
"""

import argparse
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np

from app.draw import encode
from benchmarks.served_page import serve
from benchmarks.strokes import DIGITS, image

_RATE = 60  # questions a second, of a client: a screen's frames


def main() -> None:
    arguments = parse_arguments()
    with serve("--model", arguments.model) as url, ThreadPoolExecutor(arguments.clients) as pool:
        results = list(pool.map(lambda client: ask(url, client, arguments.seconds), range(arguments.clients)))
    latencies = np.concatenate([latencies for latencies, _ in results]) * 1000
    errors, misread = np.sum([counts for _, counts in results], axis=0)
    print(f"{arguments.clients} clients, {arguments.seconds} s: {len(latencies):,} answers", end=", ")
    print(f"{len(latencies) / arguments.seconds:.0f} a second, {errors} errors, {misread} misread")
    for share in (50, 95, 99, 100):
        print(f"latency, {share:3} %: {np.percentile(latencies, share):6.1f} ms")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=20, metavar="N", help="default: 20")
    parser.add_argument("--seconds", type=int, default=30, metavar="S", help="default: 30")
    parser.add_argument("--model", choices=("mlp", "cnn"), default="cnn", help="default: cnn")
    return parser.parse_args()


def ask(url: str, client: int, seconds: int) -> tuple[list[float], tuple[int, int]]:
    """Ask about the ten digits in turn; return the latencies, in seconds, and how many errors and misread digits."""
    bodies = [json.dumps({"data": [encode(np.asarray(image(digit)))]}) for digit in range(len(DIGITS))]
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    latencies, errors, misread = [], 0, 0
    end = time.perf_counter() + seconds
    for question in range(seconds * _RATE):
        start = time.perf_counter()
        if start >= end:
            break
        digit = (client + question) % len(bodies)
        connection.request(
            "POST", "/gradio_api/run/recognise", bodies[digit], headers={"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        answer = response.read()
        latencies.append(time.perf_counter() - start)
        probabilities = json.loads(answer)["data"][0].get("probabilities") if response.status == 200 else None
        errors += probabilities is None
        misread += probabilities is not None and int(np.argmax(probabilities)) != digit
        time.sleep(max(0, start + 1 / _RATE - time.perf_counter()))
    connection.close()
    return latencies, (errors, misread)


if __name__ == "__main__":
    main()
