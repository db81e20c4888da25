"""Which profile is active: the order in which flag, environment, `.env` and default count.

Pure: takes the flag, the environment, the text of `.env` and the configuration, and returns what
the next `dokploy` uses. The hooks and the shim decide the simple cases by themselves, in the same
way; tests/cases.py has the table of cases that tests all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..constants import LETTERS, MEMORY, SEPARATOR, SHOWN_MAX, SHOWN_MORE
from ..errors import DctxError, Refused, UsageError
from . import urls
from .profile import Profile, no_such_profile

FLAG, VARIABLE, PAIR, DEFAULT, LEGACY = 1, 2, 3, 4, 5

# The characters that JavaScript's trim() removes (docs/dokploy-api.md, "The official CLI").
JS_BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_PAIR_NAMES = ("DOKPLOY_URL", "DOKPLOY_API_KEY", "DOKPLOY_AUTH_TOKEN")
# Only a text that matches may be shown in a prompt.
FIT = re.compile(f"[{LETTERS}{re.escape(SHOWN_MORE)}]{{1,{SHOWN_MAX}}}\\Z")


class Config:
    """What config.json says: the profiles by name, in the file's order, and the default's name."""

    def __init__(self, profiles: dict[str, Profile] | None = None, current: str = "") -> None:
        self.profiles = profiles or {}
        self.current = current

    @property
    def names(self) -> list[str]:
        """The profiles' names, in the file's order."""
        return list(self.profiles)

    def get(self, name: str) -> Profile:
        """Return the profile `name`. Raises NoSuchProfile (exit 3) with the nearest names."""
        if name not in self.profiles:
            raise no_such_profile(name, self.names)
        return self.profiles[name]


class Pair(NamedTuple):
    """URL and key without a profile (level 3), and whether each came from `.env`."""

    url: str
    key: str
    url_from_file: bool
    key_from_file: bool

    @property
    def segment(self) -> str:
        """The prompt's text: "env:HOST", or "?" if the host is not safe to show."""
        text = f"env:{urls.host_of(self.url)}"
        return text if FIT.match(text) else "?"


class Resolved(NamedTuple):
    """What is active: the level (1 to 5), the profile (1, 2, 4) or the pair (3), and notices."""

    level: int
    profile: Profile | None = None
    pair: Pair | None = None
    notices: tuple[str, ...] = ()

    @property
    def acting(self) -> Profile | None:
        """The profile, or one made of the pair; None if no profile is active."""
        if self.profile is not None or self.pair is None:
            return self.profile
        return Profile(self.pair.segment, {"url": self.pair.url, "token": self.pair.key})


def dotenv(text: str) -> dict[str, str]:
    """Return the variables of URL and key that the official CLI takes from a `.env` of this text.

    This is the CLI's own rule (docs/dokploy-api.md): the first non-empty value counts, one quote is
    removed at each end, comments and escapes are not known, and `export X=` is ignored.
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if "DOKPLOY_" not in line:  # true for most lines of a large file
            continue
        name, equals, value = line.strip(JS_BLANKS).partition("=")
        name = name.strip(JS_BLANKS)
        if not equals or name not in _PAIR_NAMES or found.get(name):
            continue
        value = value.strip(JS_BLANKS)
        if value[:1] in ('"', "'"):
            value = value[1:]
        if value[-1:] in ('"', "'"):
            value = value[:-1]
        found[name] = value
    return found


def find_pair(environ: Mapping[str, str], dotenv_text: str | None) -> tuple[Pair | None, str]:
    """Return URL and key as the official CLI sees them, and a notice if only one of them is set.

    Raises Refused (exit 6) for a URL from `.env` with the key from the environment: the `.env` of a
    cloned repository could send the user's key to a foreign server.
    """
    in_file = dotenv(dotenv_text) if dotenv_text and "DOKPLOY_" in dotenv_text else {}
    values: dict[str, str] = {}
    from_file: dict[str, bool] = {}
    for name in _PAIR_NAMES:
        if environ.get(name):
            values[name], from_file[name] = environ[name], False
        elif name in in_file:
            values[name], from_file[name] = in_file[name], True
        elif name in environ:
            values[name], from_file[name] = "", False
    key_name = "DOKPLOY_API_KEY" if "DOKPLOY_API_KEY" in values else "DOKPLOY_AUTH_TOKEN"
    url, key = values.get("DOKPLOY_URL", ""), values.get(key_name, "")
    if url and key:
        pair = Pair(url, key, from_file["DOKPLOY_URL"], from_file[key_name])
        if pair.url_from_file and not pair.key_from_file:
            raise Refused(
                "DOKPLOY_URL is from .env, and the key is from your environment: the key would be "
                f"sent there. Put both into .env, or unset {key_name}."
            )
        return pair, ""
    if url:
        return None, "DOKPLOY_URL is set without DOKPLOY_API_KEY, so it is not used. Set both."
    if key:
        return None, f"{key_name} is set without DOKPLOY_URL, so it is not used. Set both."
    return None, ""


def session_has_pair(environ: Mapping[str, str]) -> bool:
    """Return whether the URL and key in `environ` were set by our own switch."""
    ours = environ.get(MEMORY, "")
    pair = SEPARATOR.join(("", environ.get("DOKPLOY_URL", ""), environ.get("DOKPLOY_API_KEY", "")))
    return bool(ours) and ours.endswith(pair)


def resolve(
    flag: str | None,
    environ: Mapping[str, str],
    dotenv_text: str | None,
    load: Callable[[], Config],
) -> Resolved:
    """Return what the next `dokploy` uses (README.md, "Which profile").

    `flag` is the value of --profile (None if not given), `dotenv_text` the text of `.env` in the
    working directory (None if there is no such file). `load` returns the configuration and is
    called only if a level needs it, so that URL and key work beside a damaged config.json. Raises
    UsageError (exit 2) for an empty flag, NoSuchProfile (exit 3) for a name without a profile, and
    Refused (exit 6) for a URL from `.env` with a key from the environment.
    """
    if flag is not None:
        if not flag:
            raise UsageError("--profile needs a name. See: dctx list")
        return Resolved(FLAG, load().get(flag))
    name = environ.get("DOKPLOY_PROFILE", "")
    if name:
        config = load()
        if name not in config.profiles:
            raise no_such_profile(
                name, config.names, "profile %s, which DOKPLOY_PROFILE names, not found"
            )
        notices: tuple[str, ...] = ()
        url = environ.get("DOKPLOY_URL", "")
        key = environ.get("DOKPLOY_API_KEY") or environ.get("DOKPLOY_AUTH_TOKEN")
        own = session_has_pair(environ) or config.profiles[name].has_pair(url, key or "")
        if url and key and not own:
            notices = (f'DOKPLOY_PROFILE="{name}" is used; DOKPLOY_URL and its key are ignored.',)
        return Resolved(VARIABLE, config.profiles[name], notices=notices)
    pair, notice = find_pair(environ, dotenv_text)
    if pair:
        return Resolved(PAIR, pair=pair)
    notices = (notice,) if notice else ()
    config = load()
    if config.current and config.profiles:
        if config.current not in config.profiles:
            error: DctxError = no_such_profile(
                config.current, config.names, "the default profile %s does not exist"
            )
            raise error
        return Resolved(DEFAULT, config.profiles[config.current], notices=notices)
    return Resolved(LEGACY, notices=notices)
