"""`dctx list` and `use` on profiles that have no key yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Result

Dctx = Callable[..., Result]

ELSEWHERE: dict[str, dict[str, Any]] = {
    "vault": {"token": None, "tokenCommand": ["pass", "show", "x"]},
    "ring": {"token": None, "keyring": "ring-1"},
}


@pytest.fixture
def team(config: Callable[..., Path]) -> None:
    """Profiles with a key, with one that is elsewhere, and without any."""
    acme = {"token": None, "organization": {"id": "o", "name": "Acme"}, "protected": True}
    config("prod", staging={"token": None}, empty={"token": ""}, acme=acme, **ELSEWHERE)


@pytest.mark.usefixtures("team")
def test_list_marks_what_has_no_key(dctx: Dctx) -> None:
    ran = dctx("list")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "* prod       https://prod.example.com\n"
        "  staging    https://staging.example.com  (no key)\n"
        "  empty      https://empty.example.com    (no key)\n"
        "  acme       https://acme.example.com     Acme  (protected, no key)\n"
        "  vault      https://vault.example.com\n"
        "  ring       https://ring.example.com\n"
    )


@pytest.mark.usefixtures("team")
def test_list_as_json_says_which_has_a_key(dctx: Dctx) -> None:
    rows = json.loads(dctx("list", "--json").out)
    assert [row["name"] for row in rows if row["hasKey"]] == ["prod", "vault", "ring"]
    assert [row["name"] for row in rows if row["hasKey"] is False] == ["staging", "empty", "acme"]


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("name", ["staging", "empty", "acme"])
def test_use_of_a_profile_without_a_key_says_how_to_give_it_one(dctx: Dctx, name: str) -> None:
    ran = dctx("use", name)
    assert (ran.code, ran.out) == (0, "")
    url = f"https://{name}.example.com"
    assert ran.err == (
        f"dctx: {name} is the default now ({url}).\n"
        f"dctx: {name} has no key yet. Run: dctx auth {name} -u {url}\n"
    )


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("name", ["prod", *ELSEWHERE])
def test_use_of_a_profile_with_a_key_says_no_more(dctx: Dctx, name: str) -> None:
    url = f"https://{name}.example.com"
    assert dctx("use", name).err == f"dctx: {name} is the default now ({url}).\n"
