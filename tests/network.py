"""A proxy that records what it gets, and TLS in front of a panel."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.standin import StandIn


class _Listener:
    """Listens on 127.0.0.1, each connection in a thread of its own, until `close()`."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._guarded, args=(client,), daemon=True).start()

    def _guarded(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            self.serve(client)

    def serve(self, client: socket.socket) -> None:
        raise NotImplementedError


class Proxy(_Listener):
    """A forward proxy: absolute form and CONNECT. `seen` is every byte that clients sent to it.

    With `forwards=False` it answers 403, as an attacker's proxy would after reading a key.
    """

    def __init__(self, *, forwards: bool = True) -> None:
        self.forwards = forwards
        self.seen = bytearray()
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def first_lines(self) -> list[str]:
        """Return the request lines that were not encrypted."""
        lines = bytes(self.seen).decode("latin-1").split("\r\n")
        return [line for line in lines if line.endswith(" HTTP/1.1")]

    def serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(65536)
            if not data:
                return
            self.seen += data
            head += data
        if not self.forwards:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
        else:
            parts = urlsplit(target)
            host, port = parts.hostname or "", str(parts.port or 80)
        with socket.create_connection((host, int(port)), 10) as server:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = target.split("/", 3)[3]
                server.sendall(head.replace(target.encode(), b"/" + path.encode(), 1))
            pump(client, server, self.seen)


def pump(client: socket.socket, server: socket.socket, seen: bytearray | None = None) -> None:
    """Carry bytes both ways until one side ends."""
    while True:
        ready, _, _ = select.select([client, server], [], [], 20)
        if not ready:
            return
        for one, other in ((client, server), (server, client)):
            if one in ready:
                data = one.recv(65536)
                if not data:
                    return
                if one is client and seen is not None:
                    seen += data
                other.sendall(data)


class Tls(_Listener):
    """TLS in front of a panel, with a certificate for 127.0.0.1 by an authority of its own."""

    def __init__(self, panel: StandIn, folder: Path) -> None:
        self.panel = panel
        self.authority = folder / "authority.pem"
        key = folder / "key.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
                *("ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
                *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key),
                *("-out", self.authority),
            ],
            check=True,
            capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.authority, key)
        super().__init__()
        self.url = f"https://127.0.0.1:{self.port}"

    def serve(self, client: socket.socket) -> None:
        port = urlsplit(self.panel.url).port or 0
        with (
            self._context.wrap_socket(client, server_side=True) as inside,
            socket.create_connection(("127.0.0.1", port), 10) as server,
        ):
            # One answer at a time, since select() does not see what TLS has already read.
            while data := inside.recv(65536):
                server.sendall(data)
                inside.sendall(server.recv(1 << 20))
