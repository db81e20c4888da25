#!/usr/bin/env python3
"""Make tests/standin/queries.py: what input each query of the panel takes.

    scripts/queries.py           write it from the official CLI in .build/cli
    scripts/queries.py --check   write nothing; exit 1 if that CLI has other queries or other inputs

The CLI's commands are generated from the panel's own description of its procedures, so they name
every query and every field of its input. Standard library only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dokploy_ctx.official.table import Described
from scripts import official_cli
from scripts.official_cli import ROOT

TABLE = ROOT / "tests" / "standin" / "queries.py"

HEAD = '''\
"""The input of each query of Dokploy that @dokploy/cli {version} knows: {count} of them.

Made by scripts/queries.py, not by hand. A field is text, or a number where `#` follows its name, or
a boolean where `!` does; `?` marks one that may be left out.
"""

TABLE = """\\
'''


def table(commands: list[Described], version: str) -> str:
    """Return the text of tests/standin/queries.py."""
    lines = sorted(_line(described) + "\n" for described in commands if described.command.is_get)
    return HEAD.format(version=version, count=len(lines)) + "".join(lines) + '"""\n'


def _line(described: Described) -> str:
    """Return a query's procedure and its fields, as HEAD explains them."""
    words = [described.command.procedure]
    for option in described.command.options:
        field = option.name.removeprefix("--")
        if field == "json":  # how the CLI prints the answer, not a field of the input
            continue
        kind = "#" if field in described.numbers else "!" if field in described.booleans else ""
        words.append(field + kind + ("" if option.required else "?"))
    return " ".join(words)


def main() -> int:
    """Write the table, or compare it with the one that is there."""
    parser = argparse.ArgumentParser(description="Make the stand-in's table of queries.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    options = parser.parse_args()
    package = official_cli.read()
    text = table(package.described, package.version)
    return official_cli.write_or_compare(TABLE, text, package.version, options.check)


if __name__ == "__main__":
    sys.exit(main())
