#!/usr/bin/env python3
"""Make shell/commands.txt: the official CLI's commands and options, for Tab.

    scripts/commands.py           write it from the CLI in .build/cli
    scripts/commands.py --check   write nothing; exit 1 if that CLI has other commands

Tab uses this file if the installed CLI cannot be read. dokploy_ctx/official/table.py reads both.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dokploy_ctx.official import table
from scripts import official_cli
from scripts.official_cli import ROOT

TABLE = ROOT / "shell" / "commands.txt"


def main() -> int:
    """Write the table, or compare it with the one that is shipped."""
    parser = argparse.ArgumentParser(description="Make shell/commands.txt from the official CLI.")
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs")
    options = parser.parse_args()
    package = official_cli.read()
    text = f"# The commands of @dokploy/cli {package.version}. "
    text += "Made by scripts/commands.py, not by hand.\n"
    text += table.to_text(described.command for described in package.described)
    return official_cli.write_or_compare(TABLE, text, package.version, options.check)


if __name__ == "__main__":
    sys.exit(main())
