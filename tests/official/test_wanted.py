"""Which option wants which id, and that docs/cli.md says so of every one that the CLI has."""

from __future__ import annotations

import re

import pytest

from dokploy_ctx.files.paths import script_text
from dokploy_ctx.official import table as cli_table
from dokploy_ctx.official import things, wanted
from dokploy_ctx.official.wanted import Line, kind_of, may_be_id, read

from ..shells import ROOT

COMMANDS = cli_table.from_text(script_text("commands.txt"))
# Not by their names: a value that is read by what another option says.
IDS = re.compile(r"--id|--\w+Ids?")


@pytest.fixture(scope="module")
def table() -> dict[str, list[str]]:
    """Return docs/cli.md's table: option → the other cells of its row."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs/cli.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for option in re.findall(r"`(--[A-Za-z]+)`", cells[0]) if line.startswith("| `--") else ():
            assert option not in found, f"{option} is there twice"
            found[option] = cells[1:]
    return found


def test_the_table_has_every_id_of_the_cli(table: dict[str, list[str]]) -> None:
    options = {option.name for command in COMMANDS for option in command.options}
    assert set(table) == {name for name in options if IDS.fullmatch(name)}
    assert all(name and where for name, where in table.values())


def test_what_the_table_says_of_each_option_is_so(table: dict[str, list[str]]) -> None:
    seen = set()
    for command in COMMANDS:
        for option in command.options:
            if may_be_id(command.group, command.name, option.name):
                assert table[option.name][0] != "none", (command.name, option.name)
                seen.add(option.name)
    assert seen == {option for option, (name, _) in table.items() if name != "none"}


def test_where_the_same_option_means_something_else() -> None:
    own = [
        f"{command.group} {command.name} {option.name}"
        for command in COMMANDS
        for option in command.options
        if IDS.fullmatch(option.name) and option.name not in NAMELESS
        if not may_be_id(command.group, command.name, option.name)
    ]
    assert own == [
        "ai deploy --id",
        "compose deploy-template --id",
        "compose read-logs --containerId",
        "docker-image remove-image --id",
        "gitlab create --applicationId",
        "gitlab get-gitlab-branches --id",
        "gitlab update --applicationId",
    ]


NAMELESS = {
    *("--invitationId", "--networkIds", "--tagIds", "--gitlabProjectId", "--providerId"),
    *("--templateId", "--chatId", "--messageThreadId", "--clientId", "--productId"),
    *("--stripeCustomerId", "--stripeSubscriptionId"),
}


@pytest.mark.parametrize(
    ("args", "option", "kind"),
    [
        (["application", "one"], "--applicationId", "application"),
        (["patch", "by-entity-id", "--type", "compose"], "--id", "compose"),
        (["patch", "by-entity-id", "--type=compose"], "--id", "compose"),
        (["patch", "by-entity-id"], "--id", ""),
        (["deployment", "all-by-type", "--type", "schedule"], "--id", "schedule"),
        (["schedule", "list", "--scheduleType", "dokploy-server"], "--id", ""),
        (["volume-backups", "list", "--volumeBackupType", "redis"], "--id", "redis"),
        (["mounts", "create", "--serviceType", "mongo"], "--serviceId", "mongo"),
        (["mounts", "create"], "--serviceId", "application"),
        (["mounts", "create", "--serviceType", "__class__"], "--serviceId", ""),
        (["gitlab", "update"], "--applicationId", ""),
        (["user", "update"], "--id", "user"),
        (["ai", "deploy"], "--id", ""),
        (["notification", "create-telegram"], "--chatId", ""),
    ],
)
def test_the_kind_that_a_line_asks_for(args: list[str], option: str, kind: str) -> None:
    assert kind_of(option, read(args)) == kind


def test_the_words_of_a_line() -> None:
    line = read(["--profile", "prod", "port", "delete", "--json", "--x=a=b", "--y", "-id", "more"])
    assert line == Line("port", "delete", {"--x": "a=b", "--y": "-id"})
    assert read(["port", "delete", "--", "--x", "y"]) == Line("port", "delete", {})
    assert read([]) == Line()


def test_a_service_type_is_offered_where_the_cli_names_none() -> None:
    assert wanted.kinds_named_by("mounts", "--serviceType") == things.SERVICES
    assert wanted.kinds_named_by("schedule", "--scheduleType") == ()
