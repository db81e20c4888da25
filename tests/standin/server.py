"""The sockets: a threading HTTP server on loopback that hands each request to a function."""

from __future__ import annotations

import contextlib
import gzip
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .request import Answer, Request

# Takes a request, and returns its answer, or None to hang up.
Respond = Callable[[Request], "Answer | None"]
# On every answer (docs/dokploy-api.md, "Requests"); nothing names the server or its version.
FIXED_HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive; each answer is one write."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def handle_any(self) -> None:
        """Read the request, ask for its answer and send that."""
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            self.command,
            self.raw_target(),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        answer = self.server.respond(request)
        if answer is None:
            self.close_connection = True
            return
        self.send(answer)

    # The names are those that http.server looks for.
    do_GET = do_POST = do_HEAD = do_OPTIONS = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def raw_target(self) -> str:
        """Return the target as sent: the base class folds leading slashes into one."""
        return self.requestline.split(" ")[1]

    def send(self, answer: Answer) -> None:
        """Write the answer, compressed where the client asked for that."""
        body = answer.body
        self.send_response_only(answer.status)
        for name, value in FIXED_HEADERS.items():
            self.send_header(name, value)
        if answer.content_type is not None:
            self.send_header("Content-Type", answer.content_type)
        if answer.location is not None:
            self.send_header("Location", answer.location)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.challenge is not None:
            self.send_header("WWW-Authenticate", answer.challenge)
        if body and "gzip" in self.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        if answer.status == 431:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_args: Any, **_named: Any) -> None:
        """Write nothing, since stderr is for the program that runs the panel."""


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 with a long queue, and can hang up on everyone at once."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, respond: Respond) -> None:
        self.respond = respond
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        """Bind without asking for the host's name, which HTTPServer looks up in the DNS."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, then serve it in a thread of its own."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing if a client hung up; anything else is a bug of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Close all connections, also idle ones, so that a closed panel answers nobody."""
        with self._guard:
            for connection in self._open:
                # OSError: the client has closed it already.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
