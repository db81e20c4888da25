"""The table of the CLI's commands, read from the installed package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dokploy_ctx.official import table
from dokploy_ctx.official.table import Option
from scripts import official_cli
from tests.shells import ROOT

SOURCE = ROOT / ".build/cli/node_modules/@dokploy/cli/dist/generated/commands.js"


@pytest.fixture(scope="module")
def commands() -> dict[str, table.Command]:
    found = table.parse(SOURCE.read_text("utf-8"))
    return {f"{command.group} {command.name}": command for command in found}


def test_every_command_of_the_package_is_there(commands: dict[str, table.Command]) -> None:
    assert len(commands) == 604
    assert sum(command.is_get for command in commands.values()) == 226
    deploy = commands["application deploy"]
    assert deploy.procedure == "application.deploy"
    assert deploy.options[0] == Option("--applicationId", required=True)
    source = {o.name: o.words for o in commands["application create"].options}
    assert source["--sourceType"][:2] == ("github", "docker")


def test_the_table_is_what_the_cli_itself_says(
    commands: dict[str, table.Command], official_cli: Path
) -> None:
    for name in ("application deploy", "postgres create", "user create-api-key"):
        ran = subprocess.run(["dokploy", *name.split(), "--help"], capture_output=True, text=True)
        flags = set(re.findall(r"^ +(?:-h, )?(--[A-Za-z]+)", ran.stdout, re.MULTILINE))
        assert flags - {"--help"} == {option.name for option in commands[name].options}


def test_the_types_of_fields_are_known() -> None:
    described = {each.command.procedure: each for each in table.describe(SOURCE.read_text("utf-8"))}
    update = described["backup.update"]
    assert update.numbers == {"keepLatestCount"}
    assert update.booleans == {"enabled", "includeEncryptionKey"}
    assert described["application.deploy"].numbers == set()


@pytest.mark.parametrize(
    "odd",
    [
        "g_ai.command('odd').action(async (opts) => {})",  # a command that asks for nothing
        "await apiGet(name, opts)",  # a call outside of any command
    ],
)
def test_scripts_refuse_a_cli_with_a_command_that_the_table_passes_over(odd: str) -> None:
    source = SOURCE.read_text("utf-8")
    known = official_cli.describe(source)
    assert [each.command for each in known] == table.parse(source + odd)
    with pytest.raises(ValueError, match="not every "):
        official_cli.describe(source + odd)


def test_the_compact_form_says_the_same(commands: dict[str, table.Command]) -> None:
    found = list(commands.values())
    assert table.from_text(table.to_text(found)) == found


@pytest.mark.parametrize("source", ["", "export const x = 1;", "{}", "program.command('x')" * 99])
def test_another_layout_gives_no_table(source: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        table.parse(source)


def test_the_shipped_table_is_of_the_cli_that_the_tests_use() -> None:
    script = ROOT / "scripts" / "commands.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_broken_table_is_refused() -> None:
    for line in ("a b", "a b c G -x", "a", "a b c G --x!=$(id)"):
        with pytest.raises(ValueError, match=r".+"):
            table.from_text(line)
