"""Limits on what a client may send and how long it may take: the web server itself has none."""

import asyncio

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def refusal(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


class BodyLimit:
    """ASGI middleware that refuses a request whose body is larger than a limit, or does not state its size."""

    def __init__(self, app: ASGIApp, most_bytes: int):
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        stated = headers.get("content-length")
        if "transfer-encoding" in headers or (stated is None and scope["method"] == "POST"):
            await refusal(411, "Content-Length is required")(scope, receive, send)
        elif int(stated or 0) > self._most_bytes:
            await refusal(413, f"too large: more than {self._most_bytes} bytes")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class TimeLimit:
    """ASGI middleware that ends a request after some seconds: a slow sender's, or one whose picture takes long."""

    def __init__(self, app: ASGIApp, seconds: float):
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, watch)
        except TimeoutError:
            if not started:
                await refusal(503, f"no answer within {self._seconds:g} s: try a smaller picture")(scope, receive, send)
