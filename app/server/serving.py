"""Serves the application with uvicorn, on an address that is known to be free before anything is said of it."""

import errno
import socket

import uvicorn
from fastapi import FastAPI

from stages.artifacts.errors import PipelineError

_SECONDS_TO_END = 3  # for requests on their way, after Ctrl-C


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises PipelineError if the port is in use, or the address is elsewhere."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PipelineError(f"port {port} of {host} is in use: choose another with --port") from None
        reason = f"{error.strerror}: choose another with --host or --port"
        raise PipelineError(f"cannot listen at port {port} of {host}: {reason}") from None
    # With the protocol named, asyncio sends without Nagle's delay: 40 ms of each answer.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=bound.detach())


def url(host: str, port: int) -> str:
    """Return where a browser on this machine finds the page."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until Ctrl-C, which is raised again as KeyboardInterrupt once the last request has ended."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    uvicorn.Server(config).run(sockets=[listening])
