"""docs/organizations.md: each command is run in its order, and prints what the page says."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.standin import StandIn

from ..alone import alone
from ..shells import ROOT

URL = "https://panel.example.com"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def steps() -> list[tuple[str, str]]:
    """Return the commands of the page and what they print."""
    found = []
    for block in BLOCK.findall((ROOT / "docs" / "organizations.md").read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def plain(text: str) -> str:
    """Return `text` with all that differs from run to run made equal."""
    text = re.sub(r"\b\d+ ms\b", "N ms", text)
    return re.sub(r"\b20\d\d-\d\d-\d\d\b", "DATE", text)


def test_page_says_what_happens(panel: StandIn, tmp_path: Path) -> None:
    vault = tmp_path / "pass"
    vault.write_text(f"#!/bin/sh\necho {panel.key_of('Acme')}\n")
    vault.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert len(steps()) > 8
    for command, printed in steps():
        ran = alone("bash", "-c", f"{command.replace(URL, panel.url)} 2>&1", env=env)
        # Columns are padded to the width of the real URL.
        assert plain(ran.out.replace(panel.url, URL)) == plain(printed), command
