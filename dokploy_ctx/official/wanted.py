"""Which options of the official CLI take an id, and of which kind of thing.

Pure. Most options tell it by their name (--applicationId). For --id and --serviceId another option
of the same line tells the kind (--type postgres).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from . import below, things

_BY_OPTION = {f"--{kind}Id": kind for kind in (*things.KINDS, *things.MORE, *below.SOURCES)}
_BY_OPTION |= {
    "--targetEnvironmentId": "environment",
    "--sourceEnvironmentId": "environment",
    "--buildServerId": "server",
    "--buildRegistryId": "registry",
    "--rollbackRegistryId": "registry",
    "--customGitSSHKeyId": "sshKey",
    "--authId": "user",
}
# Options that mean another kind in one command than elsewhere; "" for nothing that we know.
_BY_COMMAND = {
    # This is the application as which GitLab knows Dokploy.
    ("gitlab", "create", "--applicationId"): "",
    ("gitlab", "update", "--applicationId"): "",
    # The container is on the server of the compose, which the line does not name.
    ("compose", "read-logs", "--containerId"): "",
    ("user", "assign-permissions", "--id"): "user",
    ("user", "update", "--id"): "user",
}
# (group, option) → the option that tells the kind
_BY_VALUE = {
    ("deployment", "--id"): "--type",
    ("patch", "--id"): "--type",
    ("schedule", "--id"): "--scheduleType",
    ("volume-backups", "--id"): "--volumeBackupType",
    ("mounts", "--serviceId"): "--serviceType",
}


class Line(NamedTuple):
    """The CLI's arguments: group, command, and the values of its options so far."""

    group: str = ""
    command: str = ""
    values: Mapping[str, str] = {}


def read(args: Sequence[str]) -> Line:
    """Return the CLI's arguments as a Line, without --profile, which is ours."""
    words: list[str] = []
    values: dict[str, str] = {}
    option = ""
    for arg in args:
        if arg == "--":
            break
        name, equals, value = arg.partition("=")
        if not arg.startswith("--"):
            if option:
                values[option] = arg
            else:
                words.append(arg)
            option = ""
        elif equals:
            values[name], option = value, ""
        else:
            option = arg
    values.pop("--profile", None)
    group, command, *_ = [*words, "", ""]
    return Line(group, command, values)


def kind_of(option: str, line: Line) -> str:
    """Return the kind of thing whose id `option` takes on that line, or ""."""
    exact = _BY_COMMAND.get((line.group, line.command, option))
    if exact is not None:
        return exact
    by = _BY_VALUE.get((line.group, option))
    if by is None:
        return _BY_OPTION.get(option, "")
    kind = line.values.get(by, "application" if option == "--serviceId" else "")
    return kind if f"--{kind}Id" in _BY_OPTION else ""


def may_be_id(group: str, command: str, option: str) -> bool:
    """Return whether `option` of that command takes an id of a known kind on some line."""
    return (group, option) in _BY_VALUE or bool(kind_of(option, Line(group, command)))


def kinds_named_by(group: str, option: str) -> tuple[str, ...]:
    """Return the kinds that are the values of `option`, for an option that tells a kind."""
    return things.SERVICES if (group, option) == ("mounts", "--serviceType") else ()
