"""`dctx list`: what a person and a pipe get; and `use`, on profiles that have no key yet, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.text.terminal import width

from ..conftest import Result
from ..shells import BASH, Shell
from ..terminal import Terminal

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
        "  staging    https://staging.example.com        (no key)\n"
        "  empty      https://empty.example.com          (no key)\n"
        "  acme       https://acme.example.com     Acme  (protected, no key)\n"
        "  vault      https://vault.example.com\n"
        "  ring       https://ring.example.com\n"
    )


@pytest.fixture
def names(config: Callable[..., Path]) -> None:
    """Profiles for a table: Japanese names, a protected one, one with an own colour."""
    day = {"expiresAt": "2020-01-01T00:00:00Z"}
    config(
        "prod",
        支社={"organization": {"id": "j", "name": "日本語支社"}},
        guarded={
            "organization": {"id": "a", "name": "Acme"},
            "protected": True,
            "url": "https://acme.example.com",
        },
        bluish={"color": "blue", "url": "https://panel.example.com", **day},
    )


def at(line: str, text: str) -> int:
    return width(line[: line.index(text)])


@pytest.mark.usefixtures("names")
def test_columns_stand_below_each_other_whatever_a_name_is_made_of(dctx: Dctx) -> None:
    lines = dctx("list").out.splitlines()
    assert {at(line, "https://") for line in lines} == {13}
    assert at(lines[1], "日本語支社") == at(lines[2], "Acme")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("PANEL", ["bluish"]),
        ("acme", ["guarded"]),
        ("日本", ['"支社"']),
        ("example", ["prod", "支社", "guarded", "bluish"]),
    ],
)
def test_word_filters_by_name_url_and_organization(dctx: Dctx, word: str, found: list[str]) -> None:
    ran = dctx("list", word, "-q")
    assert (ran.code, ran.err) == (0, "")
    assert [name.strip('"') for name in ran.out.split()] == [name.strip('"') for name in found]
    assert len(json.loads(dctx("list", word, "--json").out)) == len(found)
    assert len(dctx("list", word).out.splitlines()) == len(found)


@pytest.mark.usefixtures("names")
def test_word_that_nothing_contains_is_said(dctx: Dctx) -> None:
    ran = dctx("list", "nosuch")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == 'dctx: no profile contains "nosuch". To see all, run: dctx list\n'
    assert json.loads(dctx("list", "nosuch", "--json").out) == []


@pytest.mark.parametrize("words", [("list",), ("list", "-q"), ("list", "x"), ("list", "-q", "x")])
def test_without_profiles_that_is_what_is_said(dctx: Dctx, words: tuple[str, ...]) -> None:
    ran = dctx(*words)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "dctx: no profiles are saved yet. Run: dctx auth NAME -u URL\n"


def test_two_forms_at_once_are_refused(dctx: Dctx) -> None:
    ran = dctx("list", "--json", "-q")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "dctx: --json and --quiet exclude each other. Use one of them.\n"


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("columns", [80, 50, 30])
@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
def test_terminal_gets_headers_colours_and_lines_that_fit(
    shell: Shell, loaded: str, terminal: Callable[..., Terminal], columns: int
) -> None:
    term = terminal(shell, hook=False, rc=[loaded], columns=columns)
    lines = term.line("dctx list").splitlines()
    assert lines[0].split()[:2] == ["NAME", "URL"]
    assert len(lines) == 5
    assert max(map(width, lines)) <= columns
    # As in the prompt: the active default is dim, a protected profile red, another in its colour.
    assert [term.colour(name) for name in ("guarded", "bluish")] == ["red", "blue"]
    assert term.colour("NAME") == "dim"


@pytest.mark.usefixtures("team")
def test_list_as_json_says_which_has_a_key(dctx: Dctx) -> None:
    rows = json.loads(dctx("list", "--json").out)
    assert [row["name"] for row in rows if row["hasKey"]] == ["prod", "vault", "ring"]
    assert [row["name"] for row in rows if row["hasKey"] is False] == ["staging", "empty", "acme"]


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("name", ["staging", "empty", "acme"])
def test_use_of_a_profile_without_a_key_says_how_to_save_a_key(dctx: Dctx, name: str) -> None:
    ran = dctx("use", name)
    assert (ran.code, ran.out) == (0, "")
    url = f"https://{name}.example.com"
    assert ran.err == (
        f"The default is now {name} ({url})\n"
        f"dctx: {name} has no key yet. Run: dctx auth {name} -u {url}\n"
    )


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("name", ["prod", *ELSEWHERE])
def test_use_of_a_profile_with_a_key_says_no_more(dctx: Dctx, name: str) -> None:
    url = f"https://{name}.example.com"
    assert dctx("use", name).err == f"The default is now {name} ({url})\n"
