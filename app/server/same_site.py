"""Keeps the pages of other sites, open in the same browser, from the API and the page.

A browser lets any page send a request to this machine. It names the page's site as `Origin`, which has to be this
server. A name of the other site's own may also point here (DNS rebinding); then `Host` is that name, which is not
this server's: an address, localhost, or what --host says.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.limits import refusal

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class SameSite:
    """ASGI middleware that answers requests to this server by its own page or none, and lets no page embed it."""

    def __init__(self, app: ASGIApp, host: str):
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        asked, origin = headers.get("host", ""), headers.get("origin")
        if not is_own(asked, self._host):
            name = host_name(asked)
            await refusal(403, f"unknown host {name!r}: use the address, or --host")(scope, receive, send)
        elif origin is not None and urlsplit(origin).netloc != asked:
            await refusal(403, "a page of another site may not ask")(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))


def is_own(asked: str, host: str) -> bool:
    """Whether a Host header names this server, which listens at `host`."""
    name = host_name(asked)
    return name in ("localhost", host.lower()) or is_address(name)


def host_name(asked: str) -> str:
    """Return the name or address of a Host header without port and brackets; empty if it is malformed."""
    try:
        return urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        await send(message)

    return send_with_headers
