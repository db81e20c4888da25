#!/usr/bin/env python3
"""Make shell/reads.sh: which commands of the official CLI only read.

    scripts/reads.py           write it from the CLI in .build/cli
    scripts/reads.py --check   exit 1 and say what differs where the CLI is another one
    scripts/reads.py FOLDER    from the package folder FOLDER (…/node_modules/@dokploy/cli)

The CLI's commands are generated from the panel's procedures (dist/generated/commands.js): a query
is called by apiGet, a mutation by apiPost. Whatever here is not known to be a query is a change,
and so are the queries in CHANGES.
Standard library only.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".build" / "cli" / "node_modules" / "@dokploy" / "cli"
TABLE = ROOT / "shell" / "reads.sh"

_STEP = re.compile(
    r"""const[ ](?P<group_var>\w+)[ ]=[ ]program\.command\('(?P<group>[^']*)'\)
      | (?P<of>\w+)\s*\.command\('(?P<command>[^']*)'
      | \b(?P<call>apiGet|apiPost)\(""",
    re.VERBOSE,
)
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
# Queries that are changes all the same, since the server runs or writes something for them: what it
# does, and where Dokploy's source says so (v0.30.2, and commit 772b76821 of its branch canary).
# "ran" means that a real server of v0.30.2 was seen to do it.
_TOKEN = "the server gets a new OAuth token from the git provider and saves it"
CHANGES = {
    "compose load-services": (
        "with --type fetch the server deletes the code folder and clones it again (ran)",
        "packages/server/src/services/compose.ts: loadServices",
    ),
    "docker list-container-files": (
        "the server runs ls inside the container",
        "packages/server/src/services/docker.ts: listContainerFiles",
    ),
    "docker read-container-file": (
        "the server runs cat inside the container",
        "packages/server/src/services/docker.ts: readContainerFile",
    ),
    "docker-volume list-volume-files": (
        "the server starts a container",
        "packages/server/src/services/docker-volume.ts: listVolumeFiles",
    ),
    "docker-volume read-volume-file": (
        "the server starts a container",
        "packages/server/src/services/docker-volume.ts: readVolumeFile",
    ),
    "gitea get-gitea-branches": (
        f"{_TOKEN} (ran)",
        "packages/server/src/utils/providers/gitea.ts: getGiteaBranches",
    ),
    "gitea get-gitea-repositories": (
        f"{_TOKEN} (ran)",
        "packages/server/src/utils/providers/gitea.ts: getGiteaRepositories",
    ),
    "gitlab get-gitlab-branches": (
        f"may be done as for get-gitlab-repositories: {_TOKEN}",
        "packages/server/src/utils/providers/gitlab.ts: getGitlabBranches",
    ),
    "gitlab get-gitlab-repositories": (
        _TOKEN,
        "packages/server/src/utils/providers/gitlab.ts: getGitlabRepositories",
    ),
}
# What would let one command be reached by other words than its own.
_STRANGE = re.compile(r"\.alias(es)?\(|isDefault|\.hook\(|passThroughOptions|executableFile")

HEAD = """\
# reads.sh: which commands only read: {reads} of the {all} of @dokploy/cli {version}.
# Made by scripts/reads.py, not by hand. The shim sources it for a protected profile;
# dokploy_ctx/official/reads.py reads the same lines.
# shellcheck shell=dash

# Status 0: the CLI's arguments "$@" only read. Everything else is a change: a command that is not
# listed, and anything before the command's two words. What follows them cannot choose another
# command (commander's subcommands have none of their own). These are queries of the panel's and
# changes all the same, whatever their options are:
{changes}
__dctx_reads() {{
    # `GROUP --help` and `GROUP COMMAND --help`, and not a word more: after an option, --help could
    # be that option's value.
    case $#:${{1-}} in [23]:-*) return 1 ;; esac
    case $#:${{2-}} in 2:-h | 2:--help) return 0 ;; 3:-*) return 1 ;; esac
    case $#:${{3-}} in 3:-h | 3:--help) return 0 ;; esac
    case "${{1-}} ${{2-}}" in
"""
TAIL = """\
    *) return 1 ;;
    esac
}
"""


def commands(source: str) -> dict[str, bool]:
    """Return "group command" → whether it only reads, of the text of commands.js.

    Raises ValueError for anything that does not look as this script expects.
    """
    strange = _STRANGE.search(source)
    if strange:
        raise ValueError(f"commands.js uses {strange.group()}, which this script does not know")
    groups: dict[str, str] = {}
    calls: dict[str, list[str]] = {}
    name = ""
    for step in _STEP.finditer(source):
        if step["group_var"]:
            groups[step["group_var"]] = step["group"]
            name = ""
        elif step["of"]:
            name = f"{groups[step['of']]} {step['command']}"
            if name in calls or not all(_WORD.match(word) for word in name.split(" ")):
                raise ValueError(f"the command {name!r} is there twice, or has an odd name")
            calls[name] = []
        elif name:
            calls[name].append(step["call"])
    wrong = [name for name, found in calls.items() if len(found) != 1]
    if wrong or not calls:
        raise ValueError(f"not one call each: {wrong[:5]}")
    found = {name: calls[name] == ["apiGet"] for name in calls}
    for call, is_query in (("apiGet", True), ("apiPost", False)):
        if source.count(f"await {call}(") != sum(v is is_query for v in found.values()):
            raise ValueError(f"not every {call} belongs to a command")
    strays = [name for name in CHANGES if not found.get(name)]
    if strays:
        raise ValueError(f"CHANGES names what is no query of this CLI: {strays}")
    return {name: is_query and name not in CHANGES for name, is_query in found.items()}


def table(known: dict[str, bool], version: str) -> str:
    """Return the text of shell/reads.sh."""
    reads = sorted(name for name, only_reads in known.items() if only_reads)
    changes = "\n".join(f"#   {name}: {why}" for name, (why, _source) in CHANGES.items())
    head = HEAD.format(version=version, reads=len(reads), all=len(known), changes=changes)
    lines = [f"'{name}'" for name in reads]
    return head + "    " + " | \\\n        ".join(lines) + ") return 0 ;;\n" + TAIL


def main() -> int:
    """Write the table, or compare."""
    parser = argparse.ArgumentParser(description="Make shell/reads.sh from the official CLI.")
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE)
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs")
    options = parser.parse_args()
    source = options.package / "dist" / "generated" / "commands.js"
    version = json.loads((options.package / "package.json").read_text("utf-8"))["version"]
    text = table(commands(source.read_text("utf-8")), version)
    if not options.check:
        TABLE.write_text(text, "utf-8")
        return 0
    shipped = TABLE.read_text("utf-8")
    if shipped == text:
        return 0
    print(f"shell/reads.sh is not what @dokploy/cli {version} says. Run: scripts/reads.py")
    before, after = set(shipped.splitlines()), set(text.splitlines())
    for words, lines in (("now there", after - before), ("gone", before - after)):
        for line in sorted(lines):
            print(f"  {words}: {line.strip()}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
