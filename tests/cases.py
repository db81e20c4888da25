"""The table of cases for which profile is active (README.md, "Which profile").

test_resolution.py runs every row through the core, the shim (dash, busybox, bash as sh) and the
hooks of bash, bash 3.2, zsh and fish; test_truth.py types them into a terminal in front of the
real CLI. STORIES is the table of what changes under a terminal that stays where it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
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


def expiring(days: float) -> dict[str, Any]:
    """Return TWO with a staging whose key expires in so many days."""
    when = datetime.now(timezone.utc) + timedelta(days=days)
    staging = {**TWO["profiles"]["staging"], "expiresAt": when.isoformat()}
    return two(profiles={**TWO["profiles"], "staging": staging})


def keyless(**changes: Any) -> dict[str, Any]:
    """Return TWO with a staging that has no key yet, and other top-level values."""
    profiles = {**TWO["profiles"], "staging": {"url": STAGING}}
    return two(**{"profiles": profiles, **changes})


def named(name: str) -> dict[str, Any]:
    """Return TWO with staging under another name."""
    profiles = {"prod": TWO["profiles"]["prod"], name: TWO["profiles"]["staging"]}
    return two(profiles=profiles)


def three() -> dict[str, Any]:
    """Return TWO with a third profile, client."""
    client = {"url": "https://client.example.com", "token": "key-of-client"}
    return two(profiles={**TWO["profiles"], "client": client})


@dataclass(frozen=True)
class Case:
    """A situation, and what the next `dokploy` uses in it."""

    id: str
    level: int = 0  # 1 to 5; 0: nothing is active, which is said with `code`
    name: str | None = None  # the profile at levels 1, 2, 4
    url: str | None = None  # what the CLI is given, or finds by itself at level 3
    key: str | None = None
    code: int = 0  # the exit code of `dokploy` where it is refused
    env: Mapping[str, str] = field(default_factory=dict)
    unexported: Mapping[str, str] = field(default_factory=dict)  # set in the shell, for no child
    flag: str | None = None
    dotenv: str | None = None
    config: Any = field(default_factory=lambda: TWO)  # None: no file; text: as it is
    says: str = ""  # a part of the one line on stderr; "" = nothing is said
    run_says: str = ""  # the same, of the shim alone
    org: tuple[str, str] | None = None  # name and id of the organization, of levels 1, 2, 4
    home: str | None = "~"  # $HOME: the real one, another text, or None for unset
    segment: str | None = None  # None: this row has a flag, which no prompt can know
    state: str = ""

    def __repr__(self) -> str:
        return self.id


def profile(id: str, level: int, name: str, **more: Any) -> Case:
    """Return a row that the profile `name` of TWO wins."""
    url, key = (PROD, "key-of-prod") if name == "prod" else (STAGING, "key-of-staging")
    if name == "prod":
        more.setdefault("org", ("Acme", "-org1"))
    if level != 1:
        more.setdefault("segment", "prod:Acme" if name == "prod" else name)
        more.setdefault("state", "default" if level == 4 else "session")
    return Case(id, level, name, url, key, **more)


def keyless_profile(id: str, level: int, state: str, **more: Any) -> Case:
    """Return a row that staging wins, which has no key: it is active, and nothing can run."""
    says = 'profile "staging" has no key'
    return Case(
        id,
        level,
        "staging",
        STAGING,
        None,
        4,
        run_says=says,
        segment="staging!",
        state=state,
        **more,
    )


def pair(id: str, url: str, key: str, segment: str | None, **more: Any) -> Case:
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
WINS = "DOKPLOY_URL and its key are ignored"
MIXED = "DOKPLOY_URL is from .env, and the key is from your environment"
BOTH = {URL: HAND, KEY: "k-hand"}
DOTENV = f"{URL}={DOT}\n{KEY}=k-dot\n"
# What a session keeps for itself, and an organization of an earlier one: no program sees it.
PRIVATE = {
    "_DCTX_SESSION": "x\x1fy\x1fz",
    "_DCTX_YES": "x",
    "DCTX_SEGMENT": "x",
    "DCTX_SEGMENT_STATE": "session",
    "_DCTX_S_DOKPLOY_PROFILE": "saved",
    "_DCTX_S_DOKPLOY_URL": "saved",
    "_DCTX_S_DOKPLOY_API_KEY": "saved",
    "_DCTX_S_DOKPLOY_AUTH_TOKEN": "saved",
    "_DCTX_S_DCTX_ORG": "saved",
    "_DCTX_S_DCTX_ORG_ID": "saved",
}
ORG = {"DCTX_ORG": "Old", "DCTX_ORG_ID": "old"}

CASES = (
    # 1: --profile
    profile("flag", 1, "staging", flag="staging"),
    profile("flag over variable", 1, "staging", flag="staging", env={PROFILE: "prod"}),
    profile("flag over pair", 1, "staging", flag="staging", env=BOTH),
    profile("flag over .env", 1, "staging", flag="staging", dotenv=DOTENV),
    profile("flag over mixed pair", 1, "staging", flag="staging", dotenv=DOTENV, env={KEY: "k"}),
    refused("flag unknown", 3, 'profile "stagng" not found. Did you mean staging?', flag="stagng"),
    refused("flag in another case", 3, 'profile "Staging" not found. Did you mean staging?', flag="Staging"),
    refused("flag never falls through", 3, 'profile "x" not found', flag="x", env={PROFILE: "prod"}),
    refused("flag empty", 2, "--profile needs a name. See: dctx list", flag=""),
    refused("flag as a path", 3, "not found", flag="../../.current"),
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
    refused("variable unknown", 3, 'profile "nosuch", which DOKPLOY_PROFILE names, not found', env={PROFILE: "nosuch"}),
    refused(
        "variable never falls through", 3, 'profile "x", which DOKPLOY_PROFILE names, not found', env={PROFILE: "x", **BOTH}
    ),
    refused("variable as a path", 3, "not found", env={PROFILE: "../index/prod"}),
    refused("variable without config", 3, "not found", env={PROFILE: "prod"}, config=None),
    profile("variable not exported", 4, "prod", unexported={PROFILE: "staging"}),
    profile("unknown variable not exported", 4, "prod", unexported={PROFILE: "nosuch"}),
    profile("organization of an earlier one", 2, "staging", env={PROFILE: "staging", **ORG}),
    profile("organization of its own", 2, "prod", env={PROFILE: "prod", **ORG}),
    profile("private variables", 2, "staging", env={PROFILE: "staging", **PRIVATE}, segment=None),
    profile("private variables, by the core", 2, "staging", env={PROFILE: "staging", TOKEN: "k", URL: HAND, **PRIVATE, **ORG}, segment=None, says=WINS),
    Case("name of 64", 2, "n" * 64, STAGING, "key-of-staging", env={PROFILE: "n" * 64}, config=named("n" * 64), segment="n" * 64, state="session"),
    Case("name of 65", 2, "n" * 65, STAGING, "key-of-staging", env={PROFILE: "n" * 65}, config=named("n" * 65), segment="?", state="unknown"),
    Case("name that is a command", 2, "list", STAGING, "key-of-staging", env={PROFILE: "list"}, config=named("list"), segment="list", state="session"),
    Case("name with a blank", 2, "a b", STAGING, "key-of-staging", env={PROFILE: "a b"}, config=named("a b"), segment="?", state="unknown"),
    profile("key expires in eight days", 2, "staging", env={PROFILE: "staging"}, config=expiring(8)),
    profile("key expires in six days", 2, "staging", env={PROFILE: "staging"}, config=expiring(6), segment="staging!"),
    profile("key has expired", 2, "staging", env={PROFILE: "staging"}, config=expiring(-1), segment="staging!", run_says="the key of staging expired on"),
    keyless_profile("no key yet", 2, "session", env={PROFILE: "staging"}, config=keyless()),
    refused("home unset", 3, "not found", env={PROFILE: "nobody-has-this"}, home=None),
    refused("home empty", 3, "not found", env={PROFILE: "nobody-has-this"}, home=""),
    refused("home relative", 4, "HOME is", env={PROFILE: "prod"}, home="project"),
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
    pair("host of 60", f"https://{'a' * 60}", "k", f"env:{'a' * 60}", env={URL: f"https://{'a' * 60}", KEY: "k"}),
    pair("host of 61", f"https://{'a' * 61}", "k", "?", env={URL: f"https://{'a' * 61}", KEY: "k"}),
    pair("pair, private variables", HAND, "k-hand", None, env={**BOTH, **PRIVATE, **ORG}),
    pair("older name, private variables", HAND, "k-old", None, env={URL: HAND, TOKEN: "k-old", **PRIVATE, **ORG}),
    pair("pair, home relative", HAND, "k-hand", "env:hand.example.com", env=BOTH, home="project"),
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
    pair(".env beside a variable not exported", DOT, "k-dot", "env:dot.example.com:3000", dotenv=DOTENV, unexported={PROFILE: "staging"}),
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
    profile("default, private variables", 4, "prod", env={**PRIVATE, **ORG}, segment=None),
    profile("default expired", 4, "staging", config=expiring(-1) | {"currentProfile": "staging"}, segment="staging!", run_says="the key of staging expired on"),
    refused("default, home relative", 4, "HOME is", home="project"),
    keyless_profile("default without a key", 4, "default", config=keyless(currentProfile="staging")),
    refused("default gone", 3, 'the default profile "old" does not exist', config=two(currentProfile="old")),
    refused("damaged config", 4, "is not valid JSON", config='{"profiles": {'),
    refused("empty config", 4, "is empty", config=""),
    refused("config of a wrong type", 4, "is not valid", config="[]"),
    refused("variable, damaged config", 4, "is not valid JSON", config="nope", env={PROFILE: "prod"}),
    # 5: left to the official CLI
    Case("no config", 5, config=None, segment=""),
    Case("no default", 5, config=two(currentProfile=None), segment=""),
    Case("default empty", 5, config=two(currentProfile=""), segment=""),
    Case("no profiles", 5, config={"currentProfile": "x", "profiles": {}}, segment=""),
    Case("empty object", 5, config={}, segment=""),
    Case("pair not exported, no config", 5, config=None, unexported=BOTH, segment=""),
    Case("half a pair, no config", 5, config=None, env={KEY: "k"}, says=HALF_KEY, segment=""),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One change in a terminal that stands where it is, and what its next prompt shows."""

    segment: str  # "" = nothing
    state: str
    set: Mapping[str, str | None] = field(default_factory=dict)  # exported; None = unset
    keep: Mapping[str, str] = field(default_factory=dict)  # set, for no child
    files: Mapping[str, str | None] = field(default_factory=dict)  # below HOME; None = removed
    older: str = ""  # this file gets a time of years ago, as a restored backup has
    dctx: str = ""  # what is typed after dctx


@dataclass(frozen=True)
class Story:
    """What happens to a terminal, one step after the other, without a change of directory.

    It stands in ~/project. `first` is what its first prompt shows.
    """

    id: str
    first: tuple[str, str]
    steps: tuple[Step, ...]
    config: Any = field(default_factory=lambda: TWO)
    env: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.id


CONFIG, FOLDER, HERE = ".dokploy/config.json", ".dokploy", "project/.env"
DEFAULT = ("prod:Acme", "default")


def saved(**changes: Any) -> str:
    """Return TWO as config.json, with other top-level values."""
    return json.dumps(two(**changes))


def staging(**changes: Any) -> str:
    """Return TWO as config.json, with other values of staging."""
    profiles = TWO["profiles"]
    return saved(profiles={**profiles, "staging": {**profiles["staging"], **changes}})


STORIES = (
    Story("the folder is removed and comes back", DEFAULT, (
        Step("", "", files={FOLDER: None}),
        Step(*DEFAULT, files={CONFIG: saved()}),
        Step("", "", files={CONFIG: None}),
        Step("staging", "default", files={CONFIG: saved(currentProfile="staging")}),
    )),
    Story("the default changes elsewhere", DEFAULT, (
        Step("staging", "default", files={CONFIG: saved(currentProfile="staging")}),
        Step("", "", files={CONFIG: saved(currentProfile=None)}),
        Step("?", "unknown", files={CONFIG: saved(currentProfile="old")}),
        Step(*DEFAULT, files={CONFIG: saved()}),
    )),
    Story("an older file is restored", DEFAULT, (
        Step("staging", "default", files={CONFIG: saved(currentProfile="staging")}, older=CONFIG),
        Step("prod:Acme", "session", dctx="prod"),
        Step("staging", "default", dctx="off"),
    )),
    Story("the file is damaged and mended", DEFAULT, (
        Step("?", "unknown", files={CONFIG: "{"}),
        Step("?", "unknown", files={CONFIG: ""}),
        Step(*DEFAULT, files={CONFIG: saved()}),
    )),
    Story("a .env comes, changes and goes", DEFAULT, (
        Step(*DEFAULT, files={HERE: "A=1\n"}),
        Step("env:dot.example.com:3000", "env", files={HERE: DOTENV}),
        Step("env:other", "env", files={HERE: f"{URL}=https://other\n{KEY}=k\n"}),
        Step("?", "unknown", set={KEY: "k-hand"}),
        Step("env:other", "env", set={KEY: None}),
        Step(*DEFAULT, files={HERE: f"{URL}=https://other\n"}),
        Step(*DEFAULT, files={HERE: None}),
    )),
    Story("a .env beside a variable that no child sees", DEFAULT, (
        Step(*DEFAULT, keep={PROFILE: "staging"}),
        Step("env:dot.example.com:3000", "env", files={HERE: DOTENV}),
        Step("staging", "session", set={PROFILE: "staging"}),
    )),
    Story("a .env beside a session", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("staging", "session", files={HERE: DOTENV}),
        Step("env:dot.example.com:3000", "env", dctx="off"),
        Step(*DEFAULT, files={HERE: None}),
    )),
    Story("variables come and go", DEFAULT, (
        Step("staging", "session", set={PROFILE: "staging"}),
        Step("?", "unknown", set={PROFILE: "nobody"}),
        Step("prod:Acme", "session", set={PROFILE: "prod"}),
        Step(*DEFAULT, set={PROFILE: ""}),
        Step(*DEFAULT, keep={PROFILE: "staging"}),
        Step("env:hand.example.com", "env", set={PROFILE: None, **BOTH}),
        Step("prod:Acme", "session", set={PROFILE: "prod"}),
        Step("env:hand.example.com", "env", set={PROFILE: None}),
        Step(*DEFAULT, set={KEY: None}),
        Step("env:hand.example.com", "env", set={TOKEN: "k-old"}),
        Step(*DEFAULT, keep={TOKEN: "k-old"}),
        Step(*DEFAULT, set={URL: None, TOKEN: None}),
    )),
    Story("a session is renewed", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("staging", "session", files={CONFIG: staging(token="key-2")}),
        Step("staging:Globex", "session", files={CONFIG: staging(organization={"id": "g", "name": "Globex"})}),
        Step("staging", "protected", files={CONFIG: staging(protected=True)}),
        Step("staging", "session", files={CONFIG: staging(url="https://moved.example.com")}),
        Step(*DEFAULT, dctx="off"),
    )),
    Story("a session whose profile goes and comes back", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("staging!", "unknown", files={CONFIG: saved(profiles={"prod": TWO["profiles"]["prod"]})}),
        Step("staging", "session", files={CONFIG: saved()}),
        Step("staging!", "unknown", files={FOLDER: None}),
        Step("", "", dctx="off"),
        Step(*DEFAULT, files={CONFIG: saved()}),
    )),
    Story("a session in a damaged file", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("?", "unknown", files={CONFIG: "{"}),
        Step("staging", "session", files={CONFIG: saved()}),
    )),
    Story("the pair is changed by hand", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("staging!", "session", set={KEY: "mine"}),
        Step("staging!", "session", files={CONFIG: staging(token="key-2")}),
        Step("prod:Acme", "session", dctx="prod"),
        Step("prod:Acme!", "session", set={URL: None}),
        Step(*DEFAULT, dctx="off"),
    )),
    Story("the pair is changed by hand, beside an organization that ends in !", DEFAULT, (
        Step("staging:Yahoo!", "session", files={CONFIG: staging(organization={"id": "y", "name": "Yahoo!"})}, dctx="staging"),
        Step("staging:Yahoo!!", "session", set={KEY: "mine"}),
        Step("staging:Yahoo!", "session", set={KEY: "key-of-staging"}),
    )),
    Story("the default loses its key, and gets one", ("staging", "default"), (
        Step("staging!", "default", files={CONFIG: saved(**keyless(currentProfile="staging"))}),
        Step("?", "unknown", files={CONFIG: "{"}),
        Step("staging!", "default", files={CONFIG: saved(**keyless(currentProfile="staging"))}),
        Step("staging", "default", files={CONFIG: saved(currentProfile="staging")}),
    ), config=two(currentProfile="staging")),
    Story("somebody else chooses a profile, and stops", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("prod:Acme", "session", set={PROFILE: "prod"}),
        Step("staging", "session", set={PROFILE: "staging"}),
        Step(*DEFAULT, dctx="off"),
        Step("staging", "session", dctx="-"),
        Step(*DEFAULT, set={PROFILE: None}),
        Step("staging", "session", dctx="-"),
    )),
    Story("a folder's profile hides a session that ends", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("client", "session", set={PROFILE: "client"}),
        Step("client", "session", dctx="off"),
        Step(*DEFAULT, set={PROFILE: "staging"}),  # what the tool had seen before
        Step("staging", "session", set={PROFILE: "staging"}),  # by hand: nothing waits any more
    ), config=three()),
    Story("a folder's profile hides a session that moves on", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("client", "session", set={PROFILE: "client"}),
        Step("prod:Acme", "session", dctx="prod"),
        Step("client", "session", set={PROFILE: "client"}),
        Step("prod:Acme", "session", set={PROFILE: "staging"}),
        Step(*DEFAULT, dctx="off"),
        Step("prod:Acme", "session", dctx="-"),
    ), config=three()),
    Story("a switch inside a folder ends there", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("client", "session", set={PROFILE: "client"}),
        Step("prod:Acme", "session", dctx="prod"),
        Step("client", "session", dctx="off"),
        Step("prod:Acme", "session", dctx="-"),
        Step("client", "session", dctx="off"),
        Step(*DEFAULT, set={PROFILE: "staging"}),
    ), config=three()),
    Story("a switch inside a folder stays outside", DEFAULT, (
        Step("client", "session", set={PROFILE: "client"}),
        Step("staging", "session", dctx="staging"),
        Step("staging", "session", set={PROFILE: None}),
        Step("client", "session", set={PROFILE: "client"}),
        Step("staging", "session", set={PROFILE: None}),
        Step(*DEFAULT, dctx="off"),
    ), config=three()),
    Story("from one folder into the next", DEFAULT, (
        Step("client", "session", set={PROFILE: "client"}),
        Step("staging", "session", dctx="staging"),
        Step("prod:Acme", "session", set={PROFILE: "prod"}),
        Step("prod:Acme", "session", dctx="off"),
        Step(*DEFAULT, set={PROFILE: None}),
    ), config=three()),
    Story("a profile that was there before the session and the folder", ("client", "session"), (
        Step("staging", "session", dctx="staging"),
        Step("prod:Acme", "session", set={PROFILE: "prod"}),
        Step("prod:Acme", "session", dctx="off"),
        Step("client", "session", set={PROFILE: "staging"}),
    ), config=three(), env={PROFILE: "client"}),
    Story("there and back", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("prod:Acme", "session", dctx="prod"),
        Step("staging", "session", dctx="-"),
        Step("prod:Acme", "session", dctx="-"),
        Step("prod:Acme", "session", dctx="nobody"),
        Step(*DEFAULT, dctx="off"),
        Step("prod:Acme", "session", dctx="-"),
    )),
    Story("another folder is named, and no more", DEFAULT, (
        Step("", "", set={"DOKPLOY_CONFIG_DIR": "/nowhere"}),
        Step("?", "unknown", set={"DOKPLOY_CONFIG_DIR": "relative"}),
        Step(*DEFAULT, set={"DOKPLOY_CONFIG_DIR": None}),
        Step("?", "unknown", set={"HOME": "relative"}),
        Step("", "", set={"HOME": "/nowhere"}),
    )),
    Story("nothing is saved, then something", ("", ""), (
        Step(*DEFAULT, files={CONFIG: saved()}),
        Step("", "", files={CONFIG: "{}"}),
        Step("env:hand.example.com", "env", set=BOTH),
    ), config=None),
    Story("a key is saved, and removed from the file", ("staging!", "default"), (
        Step("staging", "default", files={CONFIG: saved(currentProfile="staging")}),
        Step("staging", "session", dctx="staging"),
        Step("staging!", "session", files={CONFIG: json.dumps(keyless(currentProfile="staging"))}),
        Step("staging!", "default", dctx="off"),
    ), config=keyless(currentProfile="staging")),
    Story("a key comes near its end", DEFAULT, (
        Step("staging", "session", dctx="staging"),
        Step("staging!", "session", files={CONFIG: json.dumps(expiring(6))}),
        Step("staging", "session", files={CONFIG: json.dumps(expiring(8))}),
        Step("staging!", "session", files={CONFIG: json.dumps(expiring(-1))}),
    )),
)  # fmt: skip
