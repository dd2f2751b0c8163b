"""A limit on what a client may send: the web server itself has none."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware that refuses a request whose body is larger than a limit, or does not state its size."""

    def __init__(self, app: ASGIApp, most_bytes: int):
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        if "transfer-encoding" in headers:
            await PlainTextResponse("Content-Length is required", 411)(scope, receive, send)
        elif int(headers.get("content-length", 0)) > self._most_bytes:
            await PlainTextResponse(f"too large: more than {self._most_bytes} bytes", 413)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
