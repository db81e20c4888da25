#!/usr/bin/env python3
"""Make shell/reads.sh: which commands of the official CLI only read.

    scripts/reads.py           write it from the CLI in .build/cli
    scripts/reads.py --check   write nothing; exit 1 and say what differs if anything does
    scripts/reads.py FOLDER    from the package folder FOLDER (…/node_modules/@dokploy/cli)

The CLI's commands are generated from the panel's procedures (dist/generated/commands.js): a query
is called by apiGet, a mutation by apiPost. A command that is not known to be a query counts as a
change, and so do the queries in CHANGES. Standard library only.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import official_cli
from scripts.official_cli import PACKAGE, ROOT, Package

TABLE = ROOT / "shell" / "reads.sh"

# Queries that count as changes, since the server runs or writes something for them: what the server
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
# Features of commander that would let a command run under other words than its own two.
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


def only_reads(package: Package) -> dict[str, bool]:
    """Return "group command" → whether it only reads, for each command of the CLI.

    Raises ValueError for a CLI that is not as this script expects.
    """
    strange = _STRANGE.search(package.source)
    if strange:
        raise ValueError(f"commands.js uses {strange.group()}, which this script does not know")
    commands = [described.command for described in package.described]
    queries = {f"{each.group} {each.name}": each.is_get for each in commands}
    strays = [name for name in CHANGES if not queries.get(name)]
    if strays:
        raise ValueError(f"CHANGES names what is no query of this CLI: {strays}")
    return {name: is_query and name not in CHANGES for name, is_query in queries.items()}


def table(known: dict[str, bool], version: str) -> str:
    """Return the text of shell/reads.sh."""
    reads = sorted(name for name, only_reads in known.items() if only_reads)
    wrap = textwrap.TextWrapper(
        width=110, initial_indent="#   ", subsequent_indent="#       ", break_on_hyphens=False
    )
    changes = "\n".join(wrap.fill(f"{name}: {why}") for name, (why, _source) in CHANGES.items())
    head = HEAD.format(version=version, reads=len(reads), all=len(known), changes=changes)
    lines = [f"'{name}'" for name in reads]
    return head + "    " + " | \\\n        ".join(lines) + ") return 0 ;;\n" + TAIL


def differences(before: str, after: str) -> list[str]:
    """Return what came and what went between two texts of shell/reads.sh, one line for each."""
    old, new = set(before.splitlines()), set(after.splitlines())
    pairs = (("now there", new - old), ("gone", old - new))
    return [f"{words}: {line.strip()}" for words, lines in pairs for line in sorted(lines)]


def main() -> int:
    """Write the table, or compare it with the one that is shipped."""
    parser = argparse.ArgumentParser(description="Make shell/reads.sh from the official CLI.")
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE)
    parser.add_argument("--check", action="store_true", help="write nothing; say what differs")
    options = parser.parse_args()
    package = official_cli.read(options.package)
    text = table(only_reads(package), package.version)
    return official_cli.write_or_compare(TABLE, text, package.version, options.check, differences)


if __name__ == "__main__":
    sys.exit(main())
