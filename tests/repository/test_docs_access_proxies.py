"""docs/access-proxies.md: its snippets are run as they stand, but for the panel's address."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.model.headers import RESERVED
from tests.standin import StandIn
from tests.standin.gate import Gate

from ..alone import alone
from ..shells import ROOT

PAGE = (ROOT / "docs" / "access-proxies.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
VALUES = {
    "cloudflare/client-id": "the-id",
    "cloudflare/client-secret": "the-secret",
    "cloudflare/headers": '{"CF-Access-Client-Id":"the-id","CF-Access-Client-Secret":"the-secret"}',
}
BOTH = {"CF-Access-Client-Id": "the-id", "CF-Access-Client-Secret": "the-secret"}


@pytest.fixture
def run(panel: StandIn, tmp_path: Path) -> Callable[[str], None]:
    """Return a function that runs a snippet, with `pass` and `cloudflared` that print VALUES."""
    folder = tmp_path / "vaults"
    folder.mkdir()
    cases = {**VALUES, "dokploy/prod": panel.key_of("Acme")}
    lines = "".join(f"{name}) echo '{value}' ;;\n" for name, value in cases.items())
    (folder / "pass").write_text(f"#!/bin/sh\ncase $2 in\n{lines}esac\n", "utf-8")
    (folder / "cloudflared").write_text("#!/bin/sh\nprintf %s a.token-of_it\n", "utf-8")
    for program in folder.iterdir():
        program.chmod(0o755)

    def run(script: str) -> None:
        script = script.replace("https://panel.example.com", panel.url)
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        ran = alone("bash", "-e", "-o", "pipefail", "-c", script, env={"PATH": path})
        assert (ran.code, ran.out) == (0, ""), ran.err

    return run


def test_snippets_do_what_the_page_says(
    panel: StandIn, run: Callable[[str], None], home: Path
) -> None:
    asked, piped, vault, token = SNIPPETS

    def saved() -> dict[str, Any]:
        text = (home / ".dokploy" / "config.json").read_text("utf-8")
        entry: dict[str, Any] = json.loads(text)["profiles"]["prod"]
        return entry

    panel.gate = Gate(BOTH)
    run(piped)
    assert saved()["headers"] == BOTH
    run(vault)
    assert saved()["headersCommand"] == ["pass", "show", "cloudflare/headers"]
    assert "headers" not in saved()
    panel.gate = Gate({"cf-access-token": "a.token-of_it"})
    run(token)
    assert saved()["headersCommand"][0] == "sh"

    # What is asked for on a terminal: the lines that ask nothing, and their values by stdin.
    made = next(line for line in asked.splitlines() if line.startswith("printf"))
    value = alone("bash", "-c", made).out
    panel.gate = Gate({"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}, "basic")
    line = next(line for line in asked.splitlines() if line.endswith("--header Authorization"))
    assert alone("bash", "-c", line, stdin=value).code == 0
    assert saved()["headers"] == {"Authorization": value.strip()}


def test_page_names_what_is_refused() -> None:
    text = PAGE.partition("## What can be a header")[2].partition("\n## ")[0]
    named = {name for name in re.findall(r"`([a-z-]+)`", text) if name != "-"}
    assert named <= RESERVED
    assert {"x-api-key", "cookie", "host"} <= named
