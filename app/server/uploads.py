"""The picture in a request: a file of a form, the data URL in JSON, or the body itself."""

import base64
import io
from typing import Any

import numpy as np
from fastapi import HTTPException, Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from app.reading.pictures import read_pages
from app.server.answers import Question
from stages.artifacts.errors import PipelineError

MOST_BYTES = 10_000_000  # of a picture's file

_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "HEIF", "PNG", "TIFF", "WEBP")  # of Pillow's; for EPS, it runs Ghostscript
_BYTES = {"schema": {"type": "string", "format": "binary"}}
SCHEMA: dict[str, Any] = {  # of the requests that `content` takes, for OpenAPI
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _BYTES["schema"]}}
            },
            "application/json": {"schema": Question.model_json_schema()},
            "image/*": _BYTES,
        },
    }
}


async def content(request: Request) -> bytes:
    """Return the bytes of the request's picture. Raises HTTPException if there are none, or too many."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            found = await _file_of_form(request)
        elif kind == "application/json":
            found = decode(_question(await request.body()).image)
        elif kind.startswith("image/"):
            found = await request.body()
        else:
            raise HTTPException(415, "send multipart/form-data with a file, JSON with an image, or image/* itself")
    except ClientDisconnect:
        raise HTTPException(400, "the request was cut off") from None
    if len(found) > MOST_BYTES:
        raise HTTPException(413, f"too large: more than {MOST_BYTES / 1e6:.0f} MB")
    return found


async def _file_of_form(request: Request) -> bytes:
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return await file.read()
    except StarletteHTTPException as error:  # its 400
        raise HTTPException(422, f"malformed form: {error.detail}") from None
    raise HTTPException(422, "the form has no file named 'file'")


def _question(body: bytes) -> Question:
    try:
        return Question.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(422, explain(error.errors())) from None


def explain(errors: Any) -> str:
    """Return Pydantic's errors in one line, without the input, which may be long."""
    return "; ".join(": ".join([*map(str, error["loc"][-1:]), error["msg"]]) for error in errors)


def decode(url: str) -> bytes:
    """Return the content of a base64 data URL. Raises PipelineError if it is not one."""
    head, _, data = url.partition(",")
    if not (head.startswith("data:") and head.endswith(";base64")):
        raise PipelineError("not a data URL")
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise PipelineError("not base64") from None


def first_page(picture: bytes) -> np.ndarray:
    """Return the first page of a picture's file as (h, w, 3) uint8. Raises PipelineError if it cannot be read."""
    return next(iter(read_pages(io.BytesIO(picture), _FORMATS)))
