"""The official CLI's package, for the scripts that make files from its commands.

The commands are read by dokploy_ctx/official/table.py. A file that is made here must leave none of
them out, so everything that module passed over is an error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dokploy_ctx.official import table

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".build" / "cli" / "node_modules" / "@dokploy" / "cli"


class Package(NamedTuple):
    """What one version of the CLI can do."""

    version: str
    source: str
    described: list[table.Described]


def read(folder: Path = PACKAGE) -> Package:
    """Return what the package in `folder` can do. Raises ValueError like describe()."""
    version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
    source = (folder / table.SOURCE).read_text("utf-8")
    return Package(version, source, describe(source))


def describe(source: str) -> list[table.Described]:
    """Return every command in the text of commands.js. Raises ValueError if one was passed over."""
    described = table.describe(source)
    for call, is_get in (("apiGet", True), ("apiPost", False)):
        known = sum(each.command.is_get is is_get for each in described)
        if source.count(f"await {call}(") != known:
            raise ValueError(f"not every {call} belongs to a command")
    if source.count(".action(") != len(described):
        raise ValueError("not every command asks for a procedure")
    return described


def write_or_compare(
    target: Path,
    text: str,
    version: str,
    check: bool,
    differences: Callable[[str, str], list[str]] | None = None,
) -> int:
    """Write `text` to `target`; with `check`, compare alone. Return the script's exit code.

    `differences` returns lines about the text before and after, printed where they differ.
    """
    if not check:
        target.write_text(text, "utf-8")
        return 0
    before = target.read_text("utf-8")
    if before == text:
        return 0
    script = Path(sys.argv[0]).name
    name = target.relative_to(ROOT)
    print(f"{name} is not what @dokploy/cli {version} says. Run: scripts/{script}")
    for line in differences(before, text) if differences else []:
        print(f"  {line}")
    return 1
