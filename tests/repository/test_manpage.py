"""The man page is of today's help texts and docs/reference.md, and what roff is given is sound."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from dokploy_ctx.reserved import COMMANDS

from ..shells import ROOT

PAGE = ROOT / "docs" / "dctx.1"


def test_page_is_made_of_what_the_commands_say() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "manpage.py", "--check"], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_page_has_every_command_variable_and_exit_code() -> None:
    text = PAGE.read_text("utf-8")
    for name in COMMANDS:
        assert re.search(rf"(?m)^\.SS dctx {name}\b", text), name
    for word in ("DOKPLOY_PROFILE", "config.json", "130 cancelled"):
        assert word in text.replace("\\", "")
    # Lines that begin with a dot are requests of man(7).
    assert set(re.findall(r"(?m)^\.(\w+)", text)) <= {"TH", "SH", "SS", "B", "TP", "nf", "fi"}
    assert not re.search(r"(?m)^'", text)


def test_wheel_has_the_page(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert any(name.endswith(".data/data/share/man/man1/dctx.1") for name in names)
