"""The compiled index: what hooks, completion and shim read with shell built-ins.

In `<config folder>/index/` (0700, files 0600), written only by the core:

    NAME            one record per profile, one line, the fields of FIELDS separated by 0x1f
    .current        one line: the default's record, then the rest of CURRENT_FIELDS
    .others         the names without a record, by 0x1f, for Tab: what is not fit for a line is not
                    among them
    .gen            the generation: a number, new at each compile
    .stamp.GEN      has config.json's modification time: an index is fresh if and only if both
                    exist and neither is newer. A prompt that remembers GEN and finds the stamp
                    fresh need not read a record again.
    .coarse.GEN     the same for readers that compare whole seconds (bash 3.2, busybox): missing
                    while config.json is of the current second and somebody else wrote it (git's
                    "racy" rule), since a second change in that second would go unseen
    .due.NAME       for a key that expires: modification time 7 days before; bash 3.2, which has
                    no clock among its built-ins, compares it with its terminal
    .told.PID       who was told that the default changed under its prompt (drawn.py)
    .manifest       all records in one file, so that a write need not read the old ones
    .config         another name of the config.json that was compiled (a hard link): where it is
                    there and config.json is another file (`-ef`), the index is of an older one,
                    be their times alike. Missing where no such link can be made.
    .dctx           the mark that dctx made the folder
    .hook           which hook was written last (upkeep.py)

A name that our rule for names does not allow, or that equals another but for case, gets no
record: a reader that finds none asks the core. The index is data: nobody evaluates it.
The fields are those of constants.FIELDS; a test holds all readers against them.
"""

from __future__ import annotations

from ..constants import FIELDS, FORMAT, RESERVED, SEPARATOR, YIELDING
from ..text import messages
from ..text.foreign import exported_id, exported_name
from .headers import in_record
from .profile import NAME, Profile
from .resolve import Config
from .segment import finished, marked
from .session import LONGEST, session_key


def record(profile: Profile, now: int, *, default: bool = False) -> str:
    """Return the record of `profile` (without a newline), as it is to be read from `now` on.

    `default`: as `.current` has it. "" where its URL is not usable, or what it says cannot be
    written (a lone surrogate): the core is asked.
    """
    from ..errors import ConfigError

    try:
        url = profile.usable_url()
    except ConfigError:
        return ""
    key = (profile.plain_key or "") if len(profile.token) <= LONGEST else ""
    text, due = marked(profile, now)
    expires = profile.expiry.at
    state, shown = finished(text, profile, default)
    values = {
        "format": FORMAT,
        "name": profile.name,
        "url": url,
        "session_key": session_key(profile, key, {}),
        "org_id": exported_id(profile.organization_id),
        "org": exported_name(profile.organization),
        "segment": text,
        "state": state,
        "shown": shown,
        "says": messages.back_on(4, text) if default else messages.switched(text, url),
        "due": due,
        "expires": "" if expires is None else str(expires),
        "ask": "" if key else "1",
        "protected": "1" if profile.protected else "",
        "key": key,
        "headers": in_record(profile),
    }
    line = SEPARATOR.join(values[field] for field in FIELDS)
    try:
        line.encode()
    except UnicodeEncodeError:
        return ""
    return line


def records(config: Config, now: int) -> dict[str, str]:
    """Return the records of all profiles that get one, by name."""
    spelled: dict[str, int] = {}
    for name in config.profiles:
        spelled[name.lower()] = spelled.get(name.lower(), 0) + 1
    lines = {}
    for name, profile in config.profiles.items():
        if not NAME.match(name) or spelled[name.lower()] > 1:
            continue
        if name.lower() in RESERVED and name not in YIELDING:
            continue
        line = record(profile, now)
        if line:
            lines[name] = line
    return lines


def current_line(config: Config | None, lines: dict[str, str], by: str, now: int) -> str:
    """Return the text of `.current`; `config` None means that config.json is damaged."""
    name = ""
    if config is None:
        state = "damaged"
    elif not config.profiles:
        state = "none"
    elif not config.current:
        state = "unset"
    elif config.current in lines:
        line = record(config.profiles[config.current], now, default=True)
        return SEPARATOR.join((line, "ok", by))
    else:
        state = "ask" if config.current in config.profiles else "gone"
        name = config.current if NAME.match(config.current) else ""
    return SEPARATOR.join((FORMAT, name, *[""] * (len(FIELDS) - 2), state, by))
