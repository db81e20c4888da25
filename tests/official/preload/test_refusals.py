"""Why a proxy of `dctx exec --read-only` refused a request: the CLI says no more than "403"."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ...conftest import Result
from .conftest import Shim

WAYS = {
    "http": "http.get(`${url}/api/trpc/x`, (answer) => answer.resume());",
    "nobody listens": "http.get(`${url}/api/trpc/x`);",
    "fetch": "await fetch(`${url}/api/trpc/x`);",
    "axios": "await axios.get(`${url}/api/trpc/x`).catch(() => {});",
}
REASON = "refused by dctx: a.b is not allowed (read-only as prod)"
SAID = "dctx: a.b is not allowed (read-only as prod)\n"


class Answers(http.server.BaseHTTPRequestHandler):
    """Answer 403 with the reason that the server holds."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        reason = self.server.reason  # type: ignore[attr-defined]
        self.wfile.write(f"HTTP/1.1 403 {reason}\r\ncontent-length: 2\r\n\r\n{{}}".encode())

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


Refuse = Callable[..., Result]


@pytest.fixture
def refuse(shim: Shim, official_cli: Path) -> Iterator[Refuse]:
    """Run the lines of an ES module that asks a server which answers with a reason."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    axios = official_cli.resolve().parents[3] / "axios" / "index.js"

    def run(reason: str, *lines: str, host: str = "127.0.0.1") -> Result:
        server.reason = reason  # type: ignore[attr-defined]
        shim.program(
            "#!/usr/bin/env node\nconst url = process.env.DOKPLOY_URL;\n"
            "const http = require('http');\n"
            f"import({str(axios)!r}).then(async ({{ default: axios }}) => {{\n"
            + "\n".join(lines)
            + "\n});\n"
        )
        port = server.server_address[1]
        pair = {"DOKPLOY_URL": f"http://{host}:{port}", "DOKPLOY_API_KEY": "x"}
        return shim.run("project", "all", env=pair)

    yield run
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("way", WAYS)
def test_the_reason_is_said_once(refuse: Refuse, way: str) -> None:
    ran = refuse(REASON, WAYS[way], WAYS[way])
    assert (ran.code, ran.out, ran.err) == (0, "", SAID)


def test_other_reasons_are_said_too(refuse: Refuse) -> None:
    ran = refuse(REASON, *WAYS.values(), "await fetch(url);")
    assert ran.err == SAID


def test_control_characters_reach_no_terminal(refuse: Refuse) -> None:
    ran = refuse("refused by dctx: \u009b31m \u202ex\ty", WAYS["fetch"])
    assert ran.err.isascii()
    assert ran.err.startswith("dctx: ?")


@pytest.mark.parametrize(
    ("reason", "host"),
    [("Forbidden", "127.0.0.1"), ("not refused by dctx: x", "127.0.0.1"), (REASON, "localhost")],
)
def test_what_no_proxy_of_ours_said_is_not_said(refuse: Refuse, reason: str, host: str) -> None:
    ran = refuse(reason, *WAYS.values(), "console.log('asked');", host=host)
    assert (ran.out, ran.err) == ("asked\n", "")
