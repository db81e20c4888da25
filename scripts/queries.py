#!/usr/bin/env python3
"""Make tests/standin/queries.py: what input each query of the panel takes.

    scripts/queries.py           write it from the official CLI in .build/cli
    scripts/queries.py --check   exit 1 where that CLI has other queries, or other inputs

The CLI's commands are generated from the panel's own description of its procedures, so they name
every query and every field of its input. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".build" / "cli" / "node_modules" / "@dokploy" / "cli"
TABLE = ROOT / "tests" / "standin" / "queries.py"

_COMMAND = re.compile(r"^    \w+\n        \.command\('", re.MULTILINE)
_QUERY = re.compile(r'await apiGet\("([\w.]+)", opts\)')
_OPTION = re.compile(r"\.(requiredOption|option)\('--([\w-]+)")
_TYPE = re.compile(r'opts\["(\w+)"\] = (Number\(|opts\["\w+"\] === true)')
_MARKS = {"Number(": "#"}  # else a boolean

HEAD = '''\
"""The input of each query of Dokploy that @dokploy/cli {version} knows: {count} of them.

Made by scripts/queries.py, not by hand. A field is text, or a number where `#` follows its name, or
a boolean where `!` does; `?` marks one that may be left out.
"""

TABLE = """\\
'''


def table(source: str, version: str) -> str:
    """Return the module's text, from the text of the CLI's commands.js."""
    lines = []
    for command in _COMMAND.split(source)[1:]:
        query = _QUERY.search(command)
        if query is None:
            continue
        types = {name: _MARKS.get(word, "!") for name, word in _TYPE.findall(command)}
        fields = [
            name + types.get(name, "") + ("?" if kind == "option" else "")
            for kind, name in _OPTION.findall(command)
            if name != "json"
        ]
        lines.append(" ".join([query[1], *fields]) + "\n")
    if len(lines) != source.count("await apiGet("):
        raise ValueError("not every apiGet belongs to a command")
    head = HEAD.format(version=version, count=len(lines))
    return head + "".join(sorted(lines)) + '"""\n'


def main() -> int:
    """Write the table, or compare."""
    parser = argparse.ArgumentParser(description="Make the stand-in's table of queries.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    options = parser.parse_args()
    version = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    source = (PACKAGE / "dist" / "generated" / "commands.js").read_text("utf-8")
    text = table(source, version)
    if not options.check:
        TABLE.write_text(text, "utf-8")
        return 0
    if TABLE.read_text("utf-8") == text:
        return 0
    print(f"{TABLE.name} is not what @dokploy/cli {version} says. Run: scripts/queries.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
