"""The compiled index: what hooks, completion and shim read with shell built-ins.

In `<config folder>/index/` (0700, files 0600), written only by the core:

    NAME            one record per profile, one line, the fields of FIELDS separated by 0x1f
    .current        one line: the default's record, then the rest of CURRENT_FIELDS
    .others         names that our rule allows and that have no record, by 0x1f: ask the core
    .gen            the generation: a number, new at each compile
    .stamp.GEN      has config.json's modification time: an index is fresh if and only if both
                    exist and neither is newer. A prompt that remembers GEN and finds the stamp
                    fresh need not read a record again.
    .coarse.GEN     the same for readers that compare whole seconds (bash 3.2, busybox): missing
                    while config.json is of the current second and somebody else wrote it (git's
                    "racy" rule), since a second change in that second would go unseen
    .due.NAME       for a key that expires: modification time 7 days before; bash 3.2, which has
                    no clock among its built-ins, compares it with its terminal
    .manifest       all records in one file, so that a write need not read the old ones
    .config         another name of the config.json that was compiled (a hard link): where it is
                    there and config.json is another file (`-ef`), the index is of an older one,
                    be their times alike. Missing where no such link can be made.
    .dctx           the mark that dctx made the folder
    .hook           which hook was written last (upkeep.py)

A name that our rule for names does not allow, or that equals another but for case, gets no
record: a reader that finds none asks the core. The index is data: nobody evaluates it.
Source: design.md, "Index"; tested against all readers in tests/shell.
"""

from __future__ import annotations

from .headers import in_record
from .profile import NAME, RESERVED, Profile
from .resolve import Config
from .session import LONGEST
from .text import exported_id, exported_name, segment

FORMAT = "3"
SEPARATOR = "\x1f"
FIELDS = (
    "format",  # FORMAT; a reader that knows another one asks the core
    "name",  # the profile's own name: on a case-insensitive disk the file may be another's
    "url",  # no slash at the end
    "key",  # "" where the core must be asked
    "ask",  # "1": the key is elsewhere (tokenCommand, keyring) or cannot stand in a line
    "protected",  # "1": a session gets the sentinel, the shim asks before a change
    "org_id",  # cleaned; "" where it is too long to be one
    "org",  # the organization's name, cleaned, of bounded length
    "segment",  # the prompt's text, finished but for marks
    "due",  # seconds since 1970 from which the prompt warns of the key's expiry, or ""
    # Secrets, for the shim alone: {"Name":"value"}, "" for none; "ask": only the core can tell.
    "headers",
)
CURRENT_FIELDS = (
    *FIELDS,  # without a record: the format and the name alone
    "state",  # ok | none (no profiles) | unset | ask (no record) | gone | damaged (config.json is)
    "by",  # pid of the shell whose command set the default, or ""
)
WARN_SECONDS = 7 * 86400


def epoch(iso: str) -> int | None:
    """Return the seconds since 1970 of an ISO 8601 time (UTC where none is given), or None."""
    from datetime import datetime, timezone

    try:
        when = datetime.fromisoformat(iso.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return int(when.timestamp())


def record(profile: Profile) -> str:
    """Return the record of `profile` (without a newline).

    "" where its URL is not usable, or what it says cannot be written (a lone surrogate): the core
    is asked.
    """
    from .errors import ConfigError

    try:
        url = profile.usable_url()
    except ConfigError:
        return ""
    key = profile.plain_key if len(profile.token) <= LONGEST else None
    expires = epoch(profile.expires_at) if profile.expires_at else None
    line = SEPARATOR.join(
        (
            FORMAT,
            profile.name,
            url,
            key or "",
            "" if key else "1",
            "1" if profile.protected else "",
            exported_id(profile.organization_id),
            exported_name(profile.organization),
            segment(profile.name, profile.organization),
            "" if expires is None else str(expires - WARN_SECONDS),
            in_record(profile),
        )
    )
    try:
        line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return ""
    return line


def records(config: Config) -> dict[str, str]:
    """Return the records of all profiles that get one, by name."""
    spelled: dict[str, int] = {}
    for name in config.profiles:
        spelled[name.lower()] = spelled.get(name.lower(), 0) + 1
    lines = {}
    for name, profile in config.profiles.items():
        if not NAME.match(name) or spelled[name.lower()] > 1 or name.lower() in RESERVED:
            continue
        line = record(profile)
        if line:
            lines[name] = line
    return lines


def current_line(config: Config | None, lines: dict[str, str], by: str) -> str:
    """Return the text of `.current`; `config` None means that config.json is damaged."""
    name = ""
    if config is None:
        state = "damaged"
    elif not config.profiles:
        state = "none"
    elif not config.current:
        state = "unset"
    elif config.current in lines:
        return SEPARATOR.join((lines[config.current], "ok", by))
    else:
        state = "ask" if config.current in config.profiles else "gone"
        name = config.current if NAME.match(config.current) else ""
    return SEPARATOR.join((FORMAT, name, *[""] * (len(FIELDS) - 2), state, by))
