"""The one table of resolution cases (design.md, "Which profile").

test_resolution.py runs every row through the core, the shim (dash, busybox, bash as sh) and the
hooks of bash, bash 3.2, zsh and fish; test_truth.py types them into a terminal in front of the
real CLI.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

URL, KEY, TOKEN, PROFILE = "DOKPLOY_URL", "DOKPLOY_API_KEY", "DOKPLOY_AUTH_TOKEN", "DOKPLOY_PROFILE"
HAND, DOT = "https://hand.example.com", "https://dot.example.com:3000"
STAGING, PROD = "https://staging.example.com", "https://prod.example.com"

TWO: dict[str, Any] = {
    "currentProfile": "prod",
    "profiles": {
        "prod": {
            "url": PROD,
            "token": "key-of-prod",
            "organization": {"id": "-org1", "name": "Acme"},
        },
        "staging": {"url": f"{STAGING}/", "token": "key-of-staging"},
    },
}


def two(**changes: Any) -> dict[str, Any]:
    """Return TWO with other top-level values."""
    return {**TWO, **changes}


@dataclass(frozen=True)
class Case:
    """A situation, and what the next `dokploy` uses in it."""

    id: str
    level: int = 0  # 1 to 5; 0: refused with `code`
    name: str | None = None  # the profile at levels 1, 2, 4
    url: str | None = None  # what the CLI is given, or finds by itself at level 3
    key: str | None = None
    code: int = 0  # the shim's and the core's exit code where it is refused
    env: Mapping[str, str] = field(default_factory=dict)
    unexported: Mapping[str, str] = field(default_factory=dict)  # set in the shell, for no child
    flag: str | None = None
    dotenv: str | None = None
    config: Any = field(default_factory=lambda: TWO)  # None: no file; text: as it is
    says: str = ""  # a part of the one line on stderr; "" = nothing is said
    segment: str | None = None  # None: this row has a flag, which no prompt can know
    state: str = ""

    def __repr__(self) -> str:
        return self.id


def profile(id: str, level: int, name: str, **more: Any) -> Case:
    """Return a row that the profile `name` of TWO wins."""
    url, key = (PROD, "key-of-prod") if name == "prod" else (STAGING, "key-of-staging")
    if level != 1:
        more.setdefault("segment", "prod:Acme" if name == "prod" else name)
        more.setdefault("state", "default" if level == 4 else "session")
    return Case(id, level, name, url, key, **more)


def pair(id: str, url: str, key: str, segment: str, **more: Any) -> Case:
    """Return a row that URL and key without a profile win."""
    state = "unknown" if segment == "?" else "env"
    return Case(id, 3, None, url, key, segment=segment, state=state, **more)


def refused(id: str, code: int, says: str, **more: Any) -> Case:
    """Return a row in which nothing may run."""
    if more.get("flag") is None:
        more.setdefault("segment", "?")
        more.setdefault("state", "unknown")
    return Case(id, code=code, says=says, **more)


HALF_URL = "DOKPLOY_URL is set without DOKPLOY_API_KEY"
HALF_KEY = "DOKPLOY_API_KEY is set without DOKPLOY_URL"
HALF_TOKEN = "DOKPLOY_AUTH_TOKEN is set without DOKPLOY_URL"
WINS = "wins over DOKPLOY_URL"
MIXED = "DOKPLOY_URL comes from .env here"
BOTH = {URL: HAND, KEY: "k-hand"}
DOTENV = f"{URL}={DOT}\n{KEY}=k-dot\n"

CASES = (
    # 1: --profile
    profile("flag", 1, "staging", flag="staging"),
    profile("flag over variable", 1, "staging", flag="staging", env={PROFILE: "prod"}),
    profile("flag over pair", 1, "staging", flag="staging", env=BOTH),
    profile("flag over .env", 1, "staging", flag="staging", dotenv=DOTENV),
    profile("flag over mixed pair", 1, "staging", flag="staging", dotenv=DOTENV, env={KEY: "k"}),
    refused("flag unknown", 3, 'no profile "stagng". Nearest: staging.', flag="stagng"),
    refused("flag in another case", 3, 'no profile "Staging". Nearest: staging.', flag="Staging"),
    refused("flag never falls through", 3, 'no profile "x"', flag="x", env={PROFILE: "prod"}),
    refused("flag empty", 2, "--profile needs a name.", flag=""),
    refused("flag as a path", 3, "no profile", flag="../../.current"),
    refused("flag without config", 3, "No profiles are saved yet", flag="prod", config=None),
    # 2: DOKPLOY_PROFILE
    profile("variable", 2, "staging", env={PROFILE: "staging"}),
    profile("variable over .env", 2, "staging", env={PROFILE: "staging"}, dotenv=DOTENV),
    profile(
        "variable over pair", 2, "staging", env={PROFILE: "staging", **BOTH}, says=WINS
    ),
    profile("variable beside its own pair", 2, "staging", env={PROFILE: "staging", URL: STAGING, KEY: "key-of-staging"}),
    profile("variable beside its own pair, older name", 2, "staging", env={PROFILE: "staging", URL: STAGING, TOKEN: "key-of-staging"}),
    profile("variable beside another key", 2, "staging", env={PROFILE: "staging", URL: STAGING, KEY: "k"}, says=WINS),
    profile("variable beside half a pair", 2, "prod", env={PROFILE: "prod", URL: HAND}),
    profile("variable empty", 4, "prod", env={PROFILE: ""}),
    refused("variable unknown", 3, 'no profile: "nosuch"', env={PROFILE: "nosuch"}),
    refused(
        "variable never falls through", 3, 'no profile: "x"', env={PROFILE: "x", **BOTH}
    ),
    refused("variable as a path", 3, "no profile", env={PROFILE: "../index/prod"}),
    refused("variable without config", 3, "no profile", env={PROFILE: "prod"}, config=None),
    profile("variable not exported", 4, "prod", unexported={PROFILE: "staging"}),
    profile("unknown variable not exported", 4, "prod", unexported={PROFILE: "nosuch"}),
    # 3: URL and key
    pair("pair", HAND, "k-hand", "env:hand.example.com", env=BOTH),
    pair("pair over default", HAND, "k-hand", "env:hand.example.com", env={**BOTH, PROFILE: ""}),
    pair("older name", HAND, "k-old", "env:hand.example.com", env={URL: HAND, TOKEN: "k-old"}),
    pair(
        "newer name wins", HAND, "k-hand", "env:hand.example.com", env={**BOTH, TOKEN: "k-old"}
    ),
    profile(
        "empty newer name hides the older",
        4,
        "prod",
        env={URL: HAND, KEY: "", TOKEN: "k-old"},
        says=HALF_URL,
    ),
    pair("pair without config", HAND, "k-hand", "env:hand.example.com", env=BOTH, config=None),
    pair("pair, damaged config", HAND, "k-hand", "env:hand.example.com", env=BOTH, config="{"),
    pair("host with port", f"{DOT}/", "k", "env:dot.example.com:3000", env={URL: f"{DOT}/", KEY: "k"}),
    pair("host behind a user", "https://u:p@h/x", "k", "env:h", env={URL: "https://u:p@h/x", KEY: "k"}),
    pair("host not fit to show", "https://$(id)/", "k", "?", env={URL: "https://$(id)/", KEY: "k"}),
    pair("host too long", f"https://{'a' * 70}", "k", "?", env={URL: f"https://{'a' * 70}", KEY: "k"}),
    profile("url alone", 4, "prod", env={URL: HAND}, says=HALF_URL),
    profile("key alone", 4, "prod", env={KEY: "k"}, says=HALF_KEY),
    profile("older key alone", 4, "prod", env={TOKEN: "k"}, says=HALF_TOKEN),
    profile("pair not exported", 4, "prod", unexported=BOTH),
    profile("older pair not exported", 4, "prod", unexported={URL: HAND, TOKEN: "k"}),
    profile("key not exported", 4, "prod", env={URL: HAND}, unexported={KEY: "k"}, says=HALF_URL),
    profile("url not exported", 4, "prod", env={KEY: "k"}, unexported={URL: HAND}, says=HALF_KEY),
    profile("variable beside a pair not exported", 2, "staging", env={PROFILE: "staging"}, unexported=BOTH),
    pair("pair beside a variable not exported", HAND, "k-hand", "env:hand.example.com", env=BOTH, unexported={PROFILE: "staging"}),
    pair("empty newer name not exported hides nothing", HAND, "k-old", "env:hand.example.com", env={URL: HAND, TOKEN: "k-old"}, unexported={KEY: ""}),
    profile("both empty", 4, "prod", env={URL: "", KEY: ""}),
    # 3: .env
    pair(".env", DOT, "k-dot", "env:dot.example.com:3000", dotenv=DOTENV),
    pair(".env fills what is empty", DOT, "k-dot", "env:dot.example.com:3000", dotenv=DOTENV, env={URL: "", KEY: ""}),
    pair("url from outside, key from .env", HAND, "k-dot", "env:hand.example.com", dotenv=f"{KEY}=k-dot", env={URL: HAND}),
    pair("environment over .env", HAND, "k-hand", "env:hand.example.com", dotenv=DOTENV, env=BOTH),
    refused("url from .env, key from outside", 6, MIXED, dotenv=f"{URL}={DOT}", env={KEY: "k"}),
    refused("url from .env, older key", 6, MIXED, dotenv=f"{URL}={DOT}", env={TOKEN: "k"}),
    refused("full .env, key from outside", 6, MIXED, dotenv=DOTENV, env={KEY: "k-hand"}),
    pair(".env beside a pair not exported", DOT, "k-dot", "env:dot.example.com:3000", dotenv=DOTENV, unexported=BOTH),
    profile(".env with url alone", 4, "prod", dotenv=f"{URL}={DOT}\n", says=HALF_URL),
    profile(".env empty key", 4, "prod", dotenv=f"{URL}={DOT}\n{KEY}=\n{TOKEN}=k\n", says=HALF_URL),
    profile(".env with DOKPLOY_PROFILE", 4, "prod", dotenv=f"{PROFILE}=staging\n"),
    profile(".env with export", 4, "prod", dotenv=f"export {URL}={DOT}\nexport {KEY}=k\n"),
    profile(".env without DOKPLOY_", 4, "prod", dotenv="A=1\nB='two'\n# c\n\n"),
    profile(".env with comments", 4, "prod", dotenv=f"# {URL}={DOT}\n#{KEY}=k\n"),
    profile(".env without =", 4, "prod", dotenv=f"{URL}\n{KEY}\n"),
    pair(".env first that is not empty", DOT, "k1", "env:dot.example.com:3000", dotenv=f"{KEY}=\n{URL}={DOT}\n{KEY}=k1\n{KEY}=k2\n{URL}=https://other\n"),
    pair(".env CRLF", DOT, "k", "env:dot.example.com:3000", dotenv=f"{URL}={DOT}\r\n{KEY}=k\r\n"),
    pair(".env quotes", DOT, "k", "env:dot.example.com:3000", dotenv=f"{URL}=\"{DOT}'\n{KEY}='k\n"),
    pair(".env one quote is empty", DOT, "k2", "env:dot.example.com:3000", dotenv=f"{URL}={DOT}\n{KEY}='\n{KEY}=k2"),
    pair(".env comment is part of it", DOT, "k # c", "env:dot.example.com:3000", dotenv=f"{URL}={DOT}\n{KEY}=k # c\n"),
    pair(".env blanks", DOT, "k", "env:dot.example.com:3000", dotenv=f"\ufeff \t{URL} = \u00a0{DOT}\u2003\n\v{KEY}\u3000=\tk\f\n"),
    pair(".env without a newline", DOT, "k", "env:dot.example.com:3000", dotenv=f"{KEY}=k\n{URL}={DOT}"),
    pair(".env = in the value", DOT, "a=b==", "env:dot.example.com:3000", dotenv=f"{URL}={DOT}\n{KEY}=a=b==\n"),
    pair(".env expands nothing", DOT, "$(id)`id`$HOME\\n", "env:dot.example.com:3000", dotenv=f"{URL}={DOT}\n{KEY}=$(id)`id`$HOME\\n\n"),
    # 4: the default
    profile("default", 4, "prod"),
    profile("default staging", 4, "staging", config=two(currentProfile="staging")),
    refused("default gone", 3, "the default profile is gone", config=two(currentProfile="old")),
    refused("damaged config", 4, "is damaged", config='{"profiles": {'),
    refused("empty config", 4, "is damaged", config=""),
    refused("config of a wrong type", 4, "is damaged", config="[]"),
    refused("variable, damaged config", 4, "is damaged", config="nope", env={PROFILE: "prod"}),
    # 5: left to the official CLI
    Case("no config", 5, config=None, segment=""),
    Case("no default", 5, config=two(currentProfile=None), segment=""),
    Case("default empty", 5, config=two(currentProfile=""), segment=""),
    Case("no profiles", 5, config={"currentProfile": "x", "profiles": {}}, segment=""),
    Case("empty object", 5, config={}, segment=""),
    Case("pair not exported, no config", 5, config=None, unexported=BOTH, segment=""),
    Case("half a pair, no config", 5, config=None, env={KEY: "k"}, says=HALF_KEY, segment=""),
)  # fmt: skip
