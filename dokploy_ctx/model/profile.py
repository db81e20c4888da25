"""What a profile is: the rules for names and URLs, and a view on one entry of config.json.

Pure: no files, no environment, no clock. Source of the rules: Dokploy/cli issue 44.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..constants import COLOUR_FIELD, COLOUR_NAMES, LETTERS, NAME_MAX, NAME_MORE, RESERVED
from ..errors import ConfigError, DctxError, NoSuchProfile, UsageError
from ..text.foreign import LONGEST_NAME
from ..text.masking import looks_like_key
from . import urls
from .expiry import Expiry
from .key_fields import has_key

NAME = re.compile(f"[{LETTERS}][{LETTERS}{re.escape(NAME_MORE)}]{{0,{NAME_MAX - 1}}}\\Z")

# The one value of a profile's "access" (additive in config.json).
READ_ONLY = "read-only"

# A command that names more than this is not one that a person reads.
_SHORT = 60

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def quoted(text: str) -> str:
    """Return `text` in double quotes, safe to show on any terminal (control characters spelled).

    What is longer than a message can take is cut.
    """
    text = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}..."
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in text
    )
    return f'"{shown}"'


def typed(text: str) -> str:
    """Return `text`, which somebody typed and nothing is called, in double quotes; never a key."""
    return '"..." (which looks like an API key)' if looks_like_key(text) else quoted(text)


def shown(name: str) -> str:
    """Return a profile's name as text fit for a terminal; a foreign one stands in quotes."""
    return name if NAME.match(name) else quoted(name)


def word(text: str) -> str:
    """Return `text` as one word to be typed in a shell, without what no terminal may be shown."""
    import shlex

    return shlex.quote("".join(filter(str.isprintable, text)))


def command(verb: str, name: str, options: str = "") -> str:
    """Return `dctx VERB NAME OPTIONS` as it can be typed, whatever a foreign profile is called.

    `options` are words already.
    """
    options = options and f" {options}"
    dashed = name.startswith("-")
    return (
        f"dctx {verb}{options} -- {word(name)}" if dashed else f"dctx {verb} {word(name)}{options}"
    )


def command_for(verb: str, names: Sequence[str], every: str) -> str:
    """Return `dctx VERB NAMES` as it can be typed; `every` in place of more names than a few."""
    dashes = "-- " if any(name.startswith("-") for name in names) else ""
    named = f"dctx {verb} {dashes}{' '.join(map(word, names))}"
    return named if len(names) == 1 or len(named) <= _SHORT else f"dctx {verb} {every}"


def check_new_name(name: str, existing: list[str]) -> None:
    """Return if a profile may be created as `name` beside the names `existing`.

    Raises UsageError (exit 2): wrong characters, a reserved word, or equal to another but for case.
    """
    if looks_like_key(name):
        raise UsageError("the name looks like an API key. Choose another name.")
    if not NAME.match(name):
        what = quoted(name) if len(name) <= NAME_MAX else f"a word of {len(name)} characters"
        raise UsageError(
            f"{what} cannot be a profile's name. Use 1 to {NAME_MAX} of A-Z a-z 0-9 . _ @ + -, "
            "a letter or digit first."
        )
    if name.lower() in RESERVED:
        raise UsageError(f'"{name}" is a command of dctx. Choose another name.')
    for other in existing:
        if other != name and other.lower() == name.lower():
            raise UsageError(f'"{other}" exists and differs by case alone. Choose another name.')


class Profile:
    """A view on one entry of config.json; `raw` is the entry itself, unknown keys and all."""

    def __init__(self, name: str, raw: dict[str, Any]) -> None:
        self.name = name
        self.raw = raw

    @property
    def url(self) -> str:
        """The panel's URL as urls.plain() spells it, "" where the entry has none."""
        return urls.plain(str(self.raw.get("url") or ""))

    @property
    def shown_url(self) -> str:
        """The panel's URL fit for a terminal: a foreign file may hold anything there."""
        return urls.shown(self.url)

    @property
    def token(self) -> str:
        """The API key in the file, "" where it is kept elsewhere or missing."""
        return str(self.raw.get("token") or "")

    @property
    def token_command(self) -> list[str] | None:
        """The program (argv) that prints the key, or None."""
        command = self.raw.get("tokenCommand")
        return list(command) if command else None

    @property
    def keyring(self) -> str | None:
        """The user name under which the system keyring has the key, or None."""
        return self.raw.get("keyring") or None

    @property
    def has_key(self) -> bool:
        """Whether there is a key, be it kept elsewhere: a file for the team brings none."""
        return has_key(self.raw)

    @property
    def protected(self) -> bool:
        """Whether changes need the typed name or are impossible, and sessions get no key."""
        return self.raw.get("protected") is True or bool(self.access)

    @property
    def access(self) -> str:
        """What is saved of what may be done: "read-only", or "" for everything.

        A word that we do not know is taken for the narrower one.
        """
        return READ_ONLY if self.raw.get("access") else ""

    @property
    def colour(self) -> str:
        """The name of the profile's own colour, "" for the usual one; a protected one stays red."""
        name = str(self.raw.get(COLOUR_FIELD) or "").lower()
        return name if name in COLOUR_NAMES and not self.protected else ""

    @property
    def organization_id(self) -> str:
        """The id of the organization that the key is scoped to, "" if not known."""
        return str((self.raw.get("organization") or {}).get("id") or "")

    @property
    def organization(self) -> str:
        """The name of the organization that the key is scoped to, "" if not known."""
        return str((self.raw.get("organization") or {}).get("name") or "")

    @property
    def key_id(self) -> str:
        """The id of a key that we minted, "" otherwise."""
        return str(self.raw.get("keyId") or "")

    @property
    def expires_at(self) -> str:
        """When the key expires (ISO 8601, UTC), "" if never or not known."""
        return str(self.raw.get("expiresAt") or "")

    @property
    def expiry(self) -> Expiry:
        """When the key expires, and what that means now."""
        return Expiry.of(self.raw.get("expiresAt"))

    @property
    def plain_key(self) -> str | None:
        """The key, if it stands in the file and can stand in a line; None: keys.fetch() knows."""
        if self.token_command or self.keyring or not self.token or _CONTROL.search(self.token):
            return None
        return self.token

    def has_pair(self, url: str, key: str) -> bool:
        """Return whether both are this profile's; a key that is kept elsewhere may be any."""
        return urls.plain(url) == self.url and (self.plain_key is None or key == self.plain_key)

    def usable_url(self) -> str:
        """Return the URL to send requests to.

        Raises ConfigError (exit 4): a foreign file may hold anything here.
        """
        if not self.url:
            raise ConfigError(
                f"profile {quoted(self.name)} has no url. "
                f"Run: {command('auth', self.name, '-u URL')}"
            )
        try:
            return urls.checked(self.url)  # no page is cut off: the official CLI would not
        except UsageError as error:
            raise ConfigError(f"profile {quoted(self.name)}: {error}") from None


def nearest(name: str, names: list[str]) -> list[str]:
    """Return up to three of `names` that `name` may be a slip or a part of, the best first.

    Alike are those with seven letters of ten in common, in order ("login" is not "staging"), or
    six after the same beginning ("stage" is). The rest: two letters swapped ("su"), a beginning
    or a part ("acme" of client-acme), and what goes on after a name ("production").
    """
    from difflib import SequenceMatcher, get_close_matches

    by_lower = {n.lower(): n for n in reversed(names)}
    typed = name.lower()

    def alike(other: str) -> bool:
        return other[:3] == typed[:3] or SequenceMatcher(None, other, typed).ratio() >= 0.7

    def akin(other: str) -> bool:
        starts = any(part.startswith(typed) for part in [other, *re.split(r"[^a-z0-9]+", other)])
        longer = typed.startswith(other) and (len(other) > 2 or len(typed) < 5)
        return starts or longer or sorted(other) == sorted(typed)

    found = [n for n in get_close_matches(typed, list(by_lower), n=9, cutoff=0.6) if alike(n)]
    more = [n for n in reversed(by_lower) if typed and n and n not in found and akin(n)]
    return [by_lower[n] for n in (found + more)[:3]]


def no_such_profile(
    name: str, names: list[str], what: str = "profile %s not found", instead: str = ""
) -> DctxError:
    """Return the error for a name that no profile has, with the nearest names (exit 3).

    `what` has %s where the name stands. `instead`: what to say where none is near, as of a word
    that was meant as a command.
    """
    close = " or ".join(shown(n) for n in nearest(name, names))
    if close:
        hint = f"Did you mean {close}?"
    elif instead:
        hint = instead
    elif names:
        hint = "To see all, run: dctx list"
    else:
        hint = "No profiles are saved yet. Run: dctx auth NAME -u URL"
    return NoSuchProfile(f"{what % typed(name)}. {hint}")
