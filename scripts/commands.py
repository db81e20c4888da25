#!/usr/bin/env python3
"""Make shell/commands.txt: the official CLI's commands and options, for Tab.

    scripts/commands.py           write it from the CLI in .build/cli
    scripts/commands.py --check   exit 1 where the CLI in .build/cli is another one

It serves where the installed CLI cannot be read; dokploy_ctx/official/table.py reads both.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".build" / "cli" / "node_modules" / "@dokploy" / "cli"
TABLE = ROOT / "shell" / "commands.txt"
sys.path.insert(0, str(ROOT))

from dokploy_ctx.official import table  # noqa: E402


def main() -> int:
    """Write the table, or compare."""
    parser = argparse.ArgumentParser(description="Make shell/commands.txt from the official CLI.")
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs")
    options = parser.parse_args()
    version = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    commands = table.parse((PACKAGE / table.SOURCE).read_text("utf-8"))
    text = f"# The commands of @dokploy/cli {version}. Made by scripts/commands.py, not by hand.\n"
    text += table.to_text(commands)
    if not options.check:
        TABLE.write_text(text, "utf-8")
        return 0
    if TABLE.read_text("utf-8") == text:
        return 0
    print(f"shell/commands.txt is not of @dokploy/cli {version}. Run: scripts/commands.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
