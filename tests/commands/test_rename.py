# ruff: noqa: ISC004  (an error is a line)
"""`dctx rename` in the core; that the terminal follows is in test_session.py."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Result

Dctx = Callable[..., Result]
Config = Callable[..., Path]


def test_rename_keeps_order_and_entry_and_takes_the_default_along(
    dctx: Dctx, config: Config
) -> None:
    path = config("a", "b", "c", b={"color": "red", "protected": True}, current="b")
    before = json.loads(path.read_text())
    ran = dctx("rename", "b", "B.2@x+y", env={"DCTX_YES": "b"})
    assert (ran.code, ran.out, ran.err) == (0, "", "Renamed profile b to B.2@x+y\n")
    after = json.loads(path.read_text())
    assert list(after["profiles"]) == ["a", "B.2@x+y", "c"]
    assert after["profiles"]["B.2@x+y"] == before["profiles"]["b"]
    assert after["currentProfile"] == "B.2@x+y"
    names = {name for name in os.listdir(path.parent / "index") if not name.startswith(".")}
    assert names == {"a", "B.2@x+y", "c"}
    assert dctx("current").out == "B.2@x+y\n"


def test_rename_of_another_leaves_the_default(dctx: Dctx, config: Config) -> None:
    path = config("a", "b")
    assert dctx("rename", "b", "c").code == 0
    assert json.loads(path.read_text())["currentProfile"] == "a"


def test_rename_may_change_case_and_nothing_at_all(dctx: Dctx, config: Config) -> None:
    path = config("prod", "staging")
    assert dctx("rename", "prod", "Prod").code == 0
    assert list(json.loads(path.read_text())["profiles"]) == ["Prod", "staging"]
    assert dctx("rename", "Prod", "Prod").code == 0
    assert list(json.loads(path.read_text())["profiles"]) == ["Prod", "staging"]


ERRORS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "exists": (("a", "b"), 2, '"b" exists already. Choose another name, or remove it first.'),
    "differs by case": (
        ("a", "B"),
        2,
        '"b" exists and differs by case alone. Choose another name.',
    ),
    "reserved": (("a", "Help"), 2, '"Help" is a command of dctx. Choose another name.'),
    "characters": (
        ("a", "x y"),
        2,
        '"x y" cannot be a profile\'s name. Use 1 to 64 of A-Z a-z 0-9 . _ @ + -, '
        "a letter or digit first.",
    ),
    "unknown": (("staing", "x"), 3, 'profile "staing" not found. Did you mean staging?'),
    "one word": (("a",), 2, "Missing argument 'NEW'. See: dctx rename --help"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_rename_refuses_and_changes_nothing(dctx: Dctx, config: Config, case: str) -> None:
    words, code, says = ERRORS[case]
    path = config("a", "b", "staging")
    before = path.read_bytes()
    ran = dctx("rename", *words)
    assert (ran.code, ran.out, ran.err) == (code, "", f"dctx: {says}\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "list", "a b", "-x", "../x", "é\n", "x" * 99])
def test_rename_replaces_any_foreign_name(dctx: Dctx, config: Config, name: str) -> None:
    rows: dict[str, Any] = {name: {"url": "https://x.example.com", "token": "k"}}
    path = config(**rows, current=name)
    assert dctx("rename", "--", name, "good").code == 0
    data = json.loads(path.read_text())
    assert list(data["profiles"]) == ["good"]
    assert data["currentProfile"] == "good"
    assert (path.parent / "index" / "good").exists()


ANSWERS = [None, "", "B", "pro", "prod2", " prod", "prod ", "prod\n", "x", "*", "1", "yes"]


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_rename_of_a_protected_profile_wants_its_whole_name(
    dctx: Dctx, config: Config, answer: str | None
) -> None:
    path = config("a", prod={"protected": True})
    before = path.read_bytes()
    ran = dctx("rename", "prod", "x", env={"DCTX_YES": answer})
    assert (ran.code, ran.out) == (6, "")
    assert "To rename it, set DCTX_YES=prod\n" in ran.err
    assert path.read_bytes() == before
    assert dctx("rename", "a", "b", env={"DCTX_YES": answer}).code == 0


def test_rename_that_cannot_be_is_refused_before_the_question(dctx: Dctx, config: Config) -> None:
    config("a", prod={"protected": True})
    assert dctx("rename", "prod", "a").err.startswith('dctx: "a" exists already.')
    assert dctx("rename", "prod", "list").code == 2
