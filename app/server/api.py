"""The API and the page, as one ASGI application."""

import asyncio
import mimetypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from app.reading.reader import Reader
from app.server import corrections, uploads
from app.server.answers import Answer, Correction, Failure, Health, Kept, answer, without_digits
from app.server.limits import BodyLimit, TimeLimit, refusal
from app.server.same_site import SameSite
from app.server.uploads import MOST_BYTES, decode, first_page
from stages.artifacts.errors import PipelineError

SECONDS = 20  # of a request, from its first byte to the answer

_AT_ONCE = 4  # pictures that are read: each may unpack to hundreds of megabytes
_MOST_BYTES_OF_A_REQUEST = MOST_BYTES * 4 // 3 + 1000  # base64, and the JSON or form around it
_STATIC = Path(__file__).parent / "static"
_FAILURES: dict[int | str, dict[str, Any]] = {
    411: {"model": Failure, "description": "the request does not state its size"},
    413: {"model": Failure, "description": "too large"},
    415: {"model": Failure, "description": "neither a form nor JSON nor a picture"},
    422: {"model": Failure, "description": "malformed, not a picture, or no digit found"},
    503: {"model": Failure, "description": "took too long"},
}
_Result = TypeVar("_Result")


def build(reader: Reader, model: str, host: str, folder: Path | None = None, seconds: float = SECONDS) -> FastAPI:
    """Return the application: `model` is the reader's network, `folder` where corrections are kept, if anywhere."""
    app = FastAPI(title="Digit recognizer", docs_url=None, redoc_url=None)  # their pages load from another host
    app.add_middleware(TimeLimit, seconds=seconds)
    app.add_middleware(BodyLimit, most_bytes=_MOST_BYTES_OF_A_REQUEST)
    app.add_middleware(SameSite, host=host)  # the last one is asked first
    app.add_exception_handler(PipelineError, _not_readable)
    app.add_exception_handler(RequestValidationError, _malformed)
    pool = ThreadPoolExecutor(_AT_ONCE)

    async def in_pool(work: Callable[..., _Result], *arguments: Any) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    @app.get("/health")
    async def health() -> Health:
        return Health(model=model, keep=folder is not None, most_bytes=MOST_BYTES)

    @app.post("/predict", responses=_FAILURES, openapi_extra=uploads.SCHEMA)
    async def predict(content: Annotated[bytes, Depends(uploads.content)], lenient: bool = False) -> Answer:
        """Read the digits in a picture. If there are none: 422, or `lenient` an answer without digits."""
        return await in_pool(_read, reader, content, lenient)

    @app.post("/keep", responses=_FAILURES, include_in_schema=folder is not None)
    async def keep(correction: Correction) -> Kept:
        """Keep a picture, or the box of one digit in it, as an example of its true digit."""
        if folder is None:
            raise HTTPException(404, "nothing is kept: start with --keep DIR")
        return await in_pool(_keep, correction, folder)

    mimetypes.add_type("text/javascript", ".js")  # Windows may have another
    app.mount("/", StaticFiles(directory=_STATIC, html=True))
    return app


def _read(reader: Reader, content: bytes, lenient: bool) -> Answer:
    picture = first_page(content)
    try:
        return answer(reader.read(picture))
    except PipelineError as error:
        if not lenient:
            raise
        return without_digits(str(error), picture)


def _keep(correction: Correction, folder: Path) -> Kept:
    picture = first_page(decode(correction.image))
    try:
        path = corrections.keep(picture, correction.digit, correction.box, folder)
    except OSError as error:
        raise HTTPException(500, f"not kept: {error.strerror}") from error
    return Kept(path=path.as_posix())


async def _not_readable(request: Request, error: Exception) -> JSONResponse:
    return refusal(422, str(error))


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return refusal(422, uploads.explain(error.errors()))
