"""The records of the index, which hooks, completion and shim read with shell built-ins.

The index is the folder `<config folder>/index/` (0700, files 0600). Only the core writes it:

    NAME            the record of a profile: one line, the fields of FIELDS separated by 0x1f
    .current        one line: the default's record, then the rest of CURRENT_FIELDS
    .others         the names of profiles without a record, separated by 0x1f, for Tab; names that
                    do not fit in a line are left out
    .gen            the generation: a number, new at each compile
    .stamp.GEN      has config.json's modification time. The index is fresh if and only if both
                    files exist and neither is newer. A prompt that remembers GEN and finds the
                    stamp fresh need not read a record again.
    .coarse.GEN     the same for readers that compare whole seconds (bash 3.2, busybox). It is
                    missing while config.json was changed by another program within the current
                    second, since a second change in that second would not be seen (git calls such
                    files "racy").
    .due.NAME       for a key that expires: its modification time is 7 days before. bash 3.2 has no
                    clock among its built-ins and compares this file with its terminal.
    .told.PID       which shell was told that the default changed under its prompt (drawn_prompt.py)
    .manifest       all records in one file, so that a compile need not read the old ones
    .config         another name of the config.json that was compiled (a hard link). If it exists
                    and config.json is another file (`-ef`), the index is of an older version, even
                    if their times are equal. It is missing if no hard link can be made.
    .dctx           the mark that dctx made the folder
    .hook           which hook was written last (upkeep.py)

A profile has no record if our rule for names does not allow its name, or if another name differs by
case alone. A reader that finds no record asks the core. The index is data and is never evaluated.
The fields are those of constants.FIELDS; a test compares all readers with them.
"""

from __future__ import annotations

from ..constants import FIELDS, FORMAT, RESERVED, SEPARATOR, YIELDING
from ..text import messages
from ..text.foreign import exported_id, exported_name
from .drawn import finished, marked
from .headers import in_record
from .profile import NAME, Profile
from .resolve import Config
from .session import LONGEST, session_key


def record(profile: Profile, now: int, *, default: bool = False) -> str:
    """Return the record of `profile` as of `now`, without a newline.

    `default` makes it the record for `.current`. The result is "", so that readers ask the core,
    if the URL is not usable or a text cannot be written (it contains a lone surrogate).
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
    """Return the records of all profiles that have one, by name."""
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
