"""The table of commands that only read: of the CLI that is installed, and one for shim and core."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dokploy_ctx.official import reads

from ..shells import ROOT, Shell

SCRIPT = ROOT / "scripts" / "reads.py"

# Words that look like a command that only reads, or like help, and are a change.
CHANGES = [
    [],
    ["project"],
    ["project", "create"],
    ["project", "create", "--name", "project all"],
    ["project all"],
    ["project all", "create"],
    ["project", "all create"],
    ["", "project all"],
    ["project", ""],
    ["", "project", "all"],
    ["--", "project", "all"],
    ["--", "project", "create"],
    ["project", "--", "all"],
    ["project", "--", "create"],
    ["--json", "project", "all"],
    ["--json", "project", "--help"],
    ["-h", "project", "create"],
    ["-h", "create"],
    ["--", "--help"],
    ["project", "--json", "all"],
    ["project", "--json", "--help"],
    ["project", "--help", "create"],
    ["project", "-h", "create", "--name=x"],
    ["project", "create", "--name", "--help"],
    ["project", "create", "--name=x", "-h"],
    ["project", "create", "--", "--help"],
    ["project", "create", "--name=:--help"],
    ["project", "create:", ":--help"],
    ["project", "x:--help", ""],
    ["3:-h", "create"],
    ["Project", "all"],
    ["project", "ALL"],
    ["project ", "all"],
    ["project", "all "],
    ["project\n", "all"],
    ["pro*", "all"],
    ["*", "*"],
    ["project", "a?l"],
    ["newer", "one"],
    ["auth", "--url", "x"],
]
# Queries of the panel's that change or run something there, whatever their arguments are.
QUERIES_THAT_CHANGE = [
    "compose load-services",
    "docker list-container-files",
    "docker read-container-file",
    "docker-volume list-volume-files",
    "docker-volume read-volume-file",
    "gitea get-gitea-branches",
    "gitea get-gitea-repositories",
    "gitlab get-gitlab-branches",
    "gitlab get-gitlab-repositories",
]
CHANGES += [name.split() for name in QUERIES_THAT_CHANGE]
CHANGES += [["compose", "load-services", "--composeId", "x", "--type", "cache"]]
READS = [
    ["project", "all"],
    ["project", "all", "--json"],
    ["project", "all", "--", "create", "--name", "x"],
    ["project", "all", "create"],
    ["project", "all", "--create"],
    ["project", "one", "--projectId", "create"],
    ["project", "--help"],
    ["project", "-h"],
    ["project", "create", "--help"],
    ["newer", "one", "--help"],
]


def shim_says(sh: Shell, rows: list[list[str]]) -> list[bool]:
    lines = [f". {sh.quote(str(ROOT / 'shell' / 'reads.sh'))}"]
    for row in rows:
        words = " ".join(sh.quote(word) for word in row)
        lines.append(f"if __dctx_reads {words}; then echo yes; else echo no; fi")
    return [word == "yes" for word in sh.run(*lines).out.split()]


@pytest.mark.parametrize("row", CHANGES, ids=map(repr, CHANGES))
def test_only_reads_unknown_or_smuggled_is_a_change(row: list[str]) -> None:
    assert reads.only_reads(row) is False


@pytest.mark.parametrize("row", READS, ids=map(repr, READS))
def test_only_reads_a_query_or_help_is_none(row: list[str]) -> None:
    assert reads.only_reads(row) is True


def test_shim_answers_as_the_core(sh: Shell) -> None:
    names = sorted(reads.commands())
    rows = [*CHANGES, *READS, *(f"{name}{end}".split() for name in names for end in ("", "x"))]
    assert shim_says(sh, rows) == [reads.only_reads(row) for row in rows]


def test_table_is_that_of_the_installed_cli(official_cli: Path) -> None:
    package = official_cli.resolve().parent.parent
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check", package], capture_output=True, text=True
    )
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_table_has_each_query_of_the_cli_but_those_that_change_and_no_mutation(
    official_cli: Path,
) -> None:
    source = official_cli.resolve().parent / "generated" / "commands.js"
    text = source.read_text("utf-8")
    assert (text.count("await apiGet("), text.count("await apiPost(")) == (226, 378)
    assert len(reads.commands()) == 226 - len(QUERIES_THAT_CHANGE)


def test_each_query_that_changes_is_listed_with_what_it_does() -> None:
    text = (ROOT / "shell" / "reads.sh").read_text("utf-8")
    listed = re.findall(r"(?m)^#   ([a-z -]+): ..", text)
    assert listed == QUERIES_THAT_CHANGE


def test_exception_that_is_no_query_any_more_is_named(official_cli: Path, tmp_path: Path) -> None:
    newer = copy_of_cli(official_cli, tmp_path, "compose.loadServices")
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check", newer], capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "CHANGES names what is no query of this CLI: ['compose load-services']" in done.stderr


def copy_of_cli(official_cli: Path, folder: Path, procedure: str) -> Path:
    """Return the folder of a package 99.0.0, in which `procedure` is a mutation."""
    package = official_cli.resolve().parent.parent
    newer = folder / "cli"
    (newer / "dist" / "generated").mkdir(parents=True)
    about = json.loads((package / "package.json").read_text("utf-8"))
    (newer / "package.json").write_text(json.dumps({**about, "version": "99.0.0"}), "utf-8")
    text = (package / "dist" / "generated" / "commands.js").read_text("utf-8")
    text = text.replace(f'apiGet("{procedure}"', f'apiPost("{procedure}"')
    (newer / "dist" / "generated" / "commands.js").write_text(text, "utf-8")
    return newer


def test_check_names_what_a_newer_cli_changed(official_cli: Path, tmp_path: Path) -> None:
    newer = copy_of_cli(official_cli, tmp_path, "project.all")
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check", newer], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "not what @dokploy/cli 99.0.0 says. Run: scripts/reads.py" in done.stdout
    assert "  gone: 'project all' | \\" in done.stdout
