"""`dctx` for commands that ask panels. After each test, no key may be in what was printed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..conftest import Result


@pytest.fixture
def dctx(
    dctx: Callable[..., Result], panel: StandIn, other: StandIn, home: Path
) -> Iterator[Callable[..., Result]]:
    """Return the fixture `dctx`; at the end, check its output and what `other` received."""
    printed: list[str] = []

    def run(*argv: str, **how: Any) -> Result:
        ran = dctx(*argv, **how)
        printed.append(ran.out + ran.err)
        assert "Traceback" not in ran.err
        return ran

    yield run
    keys = {seen.key for seen in panel.requests} | {row.key for row in panel.keys}
    with contextlib.suppress(ValueError):  # a test may have left a file that is not valid JSON
        keys |= {str(entry.get("token")) for entry in profiles(home).values()}
    for key in keys - {"", "None"}:
        assert not any(key in text for text in printed)
        if key not in {row.key for row in other.keys}:
            assert not any(key in f"{seen.headers} {seen.body}" for seen in other.requests)


@pytest.fixture
def other() -> Iterator[StandIn]:
    """A second panel, which must not see a key of the first one."""
    with StandIn.seeded() as other:
        yield other


def profiles(home: Path) -> dict[str, Any]:
    """Return the profiles in config.json, {} if there is no file."""
    path = home / ".dokploy" / "config.json"
    if not path.exists():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8")).get("profiles") or {}
    except ValueError:  # a test damaged it
        return {}
    return found


@pytest.fixture
def saved(home: Path) -> Callable[[], dict[str, Any]]:
    """Return a function that returns the profiles in config.json."""
    return lambda: profiles(home)


@pytest.fixture
def point(config: Callable[..., Path], panel: StandIn) -> Callable[..., Path]:
    """Return a function that saves a profile of `panel` for each NAME="Organization" given.

    point(acme="Acme", globex={"organization": "Globex", "keyId": "…"})
    A dict's "organization" is a name; `of` is another panel than `panel`.
    """

    def build(of: StandIn | None = None, **wanted: Any) -> Path:
        there = of or panel
        rows = {}
        for name, given in wanted.items():
            own = dict(given) if isinstance(given, dict) else {"organization": given}
            organization = there.organization(own.pop("organization"))
            keys = [row for row in there.keys if row.organization_id == organization.id]
            rows[name] = {
                "url": there.url,
                "token": keys[0].key if keys else "none",
                "organization": {"id": organization.id, "name": organization.name},
                **own,
            }
        return config(**rows)

    return build


def procedures(panel: StandIn) -> list[str]:
    """Return the procedures of each request to the panel, with commas within a batch."""
    return [",".join(seen.procedures) for seen in panel.requests]


def file_keyring(home: Path) -> dict[str, str]:
    """Set up a keyring for tests, which keeps keys in ~/vault.json; returns its variables.

    By keyring's own settings: dctx loads nothing from PYTHONPATH.
    """
    settings = home / ".config" / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[backend]\ndefault-keyring=filekeyring.Keyring\nkeyring-path={home}\n")
    (home / "filekeyring.py").write_text(
        "import json, os\n"
        "from keyring.backend import KeyringBackend\n"
        "PATH = os.path.expanduser('~/vault.json')\n"
        "def load():\n"
        "    return json.load(open(PATH)) if os.path.exists(PATH) else {}\n"
        "def save(data):\n"
        "    json.dump(data, open(PATH, 'w'))\n"
        "class Keyring(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, username):\n"
        "        return load().get(username)\n"
        "    def set_password(self, service, username, password):\n"
        "        save({**load(), username: password})\n"
        "    def delete_password(self, service, username):\n"
        "        save({k: v for k, v in load().items() if k != username})\n"
    )
    return {"XDG_CONFIG_HOME": str(home / ".config")}
