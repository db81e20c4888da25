"""What a profile is: the rules for names, and a view on one entry of config.json.

Pure, but for the clock in Profile.expiry. The rules come from Dokploy/cli issue 44.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..constants import COLOUR_FIELD, COLOUR_NAMES, LETTERS, NAME_MAX, NAME_MORE, RESERVED
from ..errors import ConfigError, DctxError, NoSuchProfile, UsageError
from ..text.foreign import LONGEST_NAME, shell_word
from ..text.masking import looks_like_key
from . import urls
from .expiry import Expiry
from .key_fields import has_key

NAME = re.compile(f"[{LETTERS}][{LETTERS}{re.escape(NAME_MORE)}]{{0,{NAME_MAX - 1}}}\\Z")

# The only value of a profile's "access" so far; older versions of dctx ignore the field.
READ_ONLY = "read-only"

# A command that names more than this is not one that a person reads.
_SHORT = 60

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def quoted(text: str) -> str:
    """Return `text` in double quotes, safe for any terminal: control characters are escaped.

    A very long text is cut.
    """
    text = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}..."
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in text
    )
    return f'"{shown}"'


def typed(text: str) -> str:
    """Return `text`, an unknown word that somebody typed, in double quotes; hide it if a key."""
    return '"..." (which looks like an API key)' if looks_like_key(text) else quoted(text)


def shown(name: str) -> str:
    """Return a profile's name, safe for a terminal; in quotes if our rule does not allow it."""
    return name if NAME.match(name) else quoted(name)


def word(text: str) -> str:
    """Return `text` as one word to type in a shell, without characters unsafe for a terminal."""
    return shell_word("".join(filter(str.isprintable, text)))


def command(verb: str, name: str, options: str = "") -> str:
    """Return `dctx VERB NAME OPTIONS` as it can be typed, whatever the profile's name contains.

    `options` are put in as they are.
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
    """Return if a new profile may be called `name`, beside the names `existing`.

    Raises UsageError (exit 2) for wrong characters, a reserved word, or a name that differs from an
    existing one by case alone.
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
    """A view on one entry of config.json. `raw` is the entry itself, with unknown fields."""

    def __init__(self, name: str, raw: dict[str, Any]) -> None:
        self.name = name
        self.raw = raw

    @property
    def url(self) -> str:
        """The panel's URL as urls.plain() spells it, "" if the entry has no URL."""
        return urls.plain(str(self.raw.get("url") or ""))

    @property
    def shown_url(self) -> str:
        """The panel's URL, safe for a terminal: a file from elsewhere may contain anything."""
        return urls.shown(self.url)

    @property
    def token(self) -> str:
        """The API key in the file, "" if it is kept elsewhere or missing."""
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
        """Whether the profile has a key, here or elsewhere. An imported one may have no key."""
        return has_key(self.raw)

    @property
    def protected(self) -> bool:
        """Whether changes need confirmation or are impossible. Sessions do not get the key then."""
        return self.raw.get("protected") is True or bool(self.access)

    @property
    def access(self) -> str:
        """What the profile may be used for: "read-only", or "" for everything.

        An unknown value counts as "read-only", the safer one.
        """
        return READ_ONLY if self.raw.get("access") else ""

    @property
    def colour(self) -> str:
        """The name of the profile's own colour, "" for none; a protected profile is always red."""
        name = str(self.raw.get(COLOUR_FIELD) or "").lower()
        return name if name in COLOUR_NAMES and not self.protected else ""

    @property
    def organization_id(self) -> str:
        """The id of the organization that the key is for, "" if not known."""
        return str((self.raw.get("organization") or {}).get("id") or "")

    @property
    def organization(self) -> str:
        """The name of the organization that the key is for, "" if not known."""
        return str((self.raw.get("organization") or {}).get("name") or "")

    @property
    def key_id(self) -> str:
        """The id of the key, by which the panel lists and deletes it; "" if not known."""
        return str(self.raw.get("keyId") or "")

    @property
    def expires_at(self) -> str:
        """When the key expires (ISO 8601, UTC), "" if never or not known."""
        return str(self.raw.get("expiresAt") or "")

    @property
    def expiry(self) -> Expiry:
        """When the key expires, compared with the time now."""
        return Expiry.of(self.raw.get("expiresAt"))

    @property
    def plain_key(self) -> str | None:
        """The key, if it is in the file and fits in a line; else None, and keys.fetch() gets it."""
        if self.token_command or self.keyring or not self.token or _CONTROL.search(self.token):
            return None
        return self.token

    def has_pair(self, url: str, key: str) -> bool:
        """Return whether `url` and `key` are the profile's; any key is, if it is kept elsewhere."""
        return urls.plain(url) == self.url and (self.plain_key is None or key == self.plain_key)

    def usable_url(self) -> str:
        """Return the URL to send requests to.

        Raises ConfigError (exit 4) if it is invalid: a file from elsewhere may contain anything.
        """
        if not self.url:
            raise ConfigError(
                f"profile {quoted(self.name)} has no url. "
                f"Run: {command('auth', self.name, '-u URL')}"
            )
        try:
            return urls.checked(
                self.url
            )  # as it is saved: the official CLI does not cut off pages either
        except UsageError as error:
            raise ConfigError(f"profile {quoted(self.name)}: {error}") from None


def nearest(name: str, names: list[str]) -> list[str]:
    """Return up to three of `names` that may be meant by `name`, the most likely first.

    First come similar names: seven letters of ten are the same, in order ("login" is not like
    "staging"), or six of ten after the same three letters ("stage" is). Then come names with two
    letters swapped ("su" for us), names of which `name` is the beginning or a part ("acme" for
    client-acme), and names that `name` continues ("production" for prod).
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

    found = get_close_matches(typed, filter(alike, by_lower), cutoff=0.6)
    more = [n for n in reversed(by_lower) if typed and n and n not in found and akin(n)]
    return [by_lower[n] for n in (found + more)[:3]]


def no_such_profile(
    name: str, names: list[str], what: str = "profile %s not found", instead: str = ""
) -> DctxError:
    """Return the error for a name that no profile has, with the nearest names (exit 3).

    `what` has %s in the place of the name. `instead` is the advice if no name is near, such as a
    command that may have been meant.
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
