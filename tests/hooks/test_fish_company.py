"""fish with what users and plugins do to it: no IFS, functions and variables of ours, wrappers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..shells import FISH
from ..terminal import ENTER, TAB, Terminal

# Each is a command that the hook uses and that fish lets a user override.
OVERRIDDEN = (
    *("contains", "set_color", "functions", "complete", "commandline", "count", "printf"),
    *("math", "path", "emit", "true", "false", "cd", "ls", "cat", "type", "grep"),
)
NO_IFS = pytest.mark.parametrize("no_ifs", ["set -g IFS ''", "set -e IFS"], ids=["empty", "unset"])


def test_functions_named_like_commands(config: Any, data_home: Path) -> None:
    config(prod={}, staging={"expiresAt": "2037-01-01T00:00:00Z"}, vault={
        "token": None, "tokenCommand": ["echo", "k"]})  # fmt: skip
    # fish's own functions use some of these, too; ours begin with __dctx_.
    seen = (
        "builtin status print-stack-trace | string match -q '*__dctx_*'; and builtin echo HIJACKED"
    )
    shadows = [f"function {name}; {seen} {name} >&2; end" for name in OVERRIDDEN]
    shadows.append("function fish_mode_prompt; end")
    prompt = ["builtin emit fish_prompt", "fish_mode_prompt"]
    ran = FISH.run(
        *shadows, f"builtin source {data_home / 'hook.fish'}", *prompt, "dctx staging",
        *prompt, *prompt,
        "__dctx_offer __dctx_names ''", "dctx vault", "dctx off", *prompt, "dctx list",
        "set -gx DOKPLOY_PROFILE nosuch", *prompt, *prompt, env={"NO_COLOR": "1"},
    )  # fmt: skip
    assert "HIJACKED" not in ran.out + ran.err
    assert "~(prod) " in ran.out and "(staging) (staging) " in ran.out and "(?) " in ran.out


@NO_IFS
def test_commands_are_known_without_an_ifs(config: Any, no_ifs: str) -> None:
    config("prod", "staging")
    ran = FISH.run(no_ifs, FISH.hook, "dctx list", FISH.show("?"), "dctx list -q")
    assert ran.vars == {"?": "0"}, ran.err
    assert "staging" in ran.out and ran.err == ""


@NO_IFS
def test_all_that_was_there_comes_back_without_an_ifs(config: Any, no_ifs: str) -> None:
    config("prod", "staging")
    before = {"DOKPLOY_URL": "https://a.example", "DOKPLOY_API_KEY": "k", "DCTX_ORG": "mine"}
    ran = FISH.run(
        no_ifs, FISH.hook, *[FISH.export(*pair) for pair in before.items()],
        "dctx staging", FISH.prompt, "dctx off", FISH.show(*before), FISH.prompt,
        FISH.show("DCTX_SEGMENT"),
    )  # fmt: skip
    assert ran.shown == [before, {"DCTX_SEGMENT": "env:a.example"}]


@NO_IFS
def test_tab_without_an_ifs(config: Any, terminal: Callable[..., Terminal], no_ifs: str) -> None:
    config("one-a", "one-b", "two")
    term = terminal(FISH, rc=[no_ifs])
    for typed, whole in (
        ("dctx tw", "dctx two "),
        ("dctx remove two one-b o", "dctx remove two one-b one-a "),
        ("dctx o", "dctx one-"),
        ("dctx remove o", "dctx remove one-"),
        ("dctx unp", "dctx unprotect "),
        ("dokploy --profile tw", "dokploy --profile two "),
        ("dokploy --profile=o", "dokploy --profile=one-"),
        ("dokploy applic", "dokploy application "),
        ("dokploy application dep", "dokploy application deploy"),
        ("dokploy application deploy --ti", "dokploy application deploy --title "),
        ("dokploy application create --sourceType gitl",
         "dokploy application create --sourceType gitlab "),
        ("dokploy application create --sourceType gi",
         "dokploy application create --sourceType git"),
    ):  # fmt: skip
        term.type(typed + TAB)
        term.wait(lambda whole=whole: term.typed == whole, whole)  # type: ignore[misc]
        term.clear()


def test_variables_of_the_environment_named_like_the_hooks_stay_no_childs(config: Any) -> None:
    config("prod", "staging")
    names = ("look", "seen", "gone", "prev", "kept", "stamp", "until", "ps1", "said", "ours")
    ran = FISH.run(
        FISH.hook, FISH.prompt, "dctx staging", FISH.prompt, FISH.environ,
        FISH.show("DCTX_SEGMENT"), env={f"__dctx_{name}": "1" for name in names},
    )  # fmt: skip
    assert ran.vars == {"DCTX_SEGMENT": "staging"}
    keys = {name for name, value in ran.env.items() if "key-of" in value}
    assert keys == {"DOKPLOY_API_KEY", "_DCTX_SESSION"}
    assert not [name for name in ran.env if name.startswith("__dctx_")]


FRAMED = "function fish_prompt; printf '┬─<mine>\\n╰─>READY> '; end"


def test_hook_loaded_again_under_a_frame(
    config: Any, data_home: Path, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    term = terminal(FISH, after=[FRAMED])
    for line, shown in (("true", "~(prod)"), ("dctx staging", "(staging)")):
        for _ in range(2):
            term.line(f"source {data_home / 'hook.fish'}")
            term.line(line)
            assert term.screen.rstrip().split("\n")[-2:] == [f"┬─<mine> {shown}", "╰─>READY>"]


def test_prompt_that_calls_the_one_before_it(
    config: Any, terminal: Callable[..., Terminal]
) -> None:
    """A plugin keeps the function that it finds, which may be ours, and calls it from its own."""
    config("prod", "staging")
    wrap = "functions -c {0} {1}; function {0}; {1}; echo -n '[M]'; end"
    term = terminal(FISH)
    term.line(wrap.format("fish_mode_prompt", "mine"))
    assert term.prompt == "~(prod) [M]READY> "
    term.line("dctx staging")
    assert term.prompt == "(staging) [M]READY> "
    term.line("true")
    assert term.prompt == "(staging) [M]READY> "


def test_frame_that_calls_the_one_before_it(
    config: Any, data_home: Path, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    term = terminal(FISH, after=[FRAMED])
    term.line("functions -c fish_prompt mine; function fish_prompt; echo -n x; mine; end")
    for _ in range(2):
        assert term.screen.rstrip().split("\n")[-2:] == ["~(prod) x┬─<mine>", "╰─>READY>"]
        term.line("true")
    term.line(f"source {data_home / 'hook.fish'}")
    for _ in range(2):
        term.line("dctx staging")
        rows = term.screen.rstrip().split("\n")[-2:]
        assert "".join(rows).count("(staging)") == 1, rows
        assert rows[1] == "╰─>READY>", rows


def test_copy_of_a_prompt_that_is_put_back(config: Any, terminal: Callable[..., Terminal]) -> None:
    """A virtual environment keeps the prompt that it finds, and gives it back at its end."""
    config("prod", "staging")
    term = terminal(FISH, after=[FRAMED])
    term.line("functions -c fish_prompt old; function fish_prompt; echo -n v; old; end")
    assert term.screen.rstrip().split("\n")[-2:] == ["~(prod) v┬─<mine>", "╰─>READY>"]
    term.line("functions -e fish_prompt; functions -c old fish_prompt; functions -e old")
    for _ in range(2):
        assert term.screen.rstrip().split("\n")[-2:] == ["┬─<mine> ~(prod)", "╰─>READY>"]
        term.line("true")
    term.line("dctx staging")
    assert term.screen.rstrip().split("\n")[-2:] == ["┬─<mine> (staging)", "╰─>READY>"]


@pytest.mark.parametrize("chosen", ["nim", "starship"])
def test_framed_prompt_that_is_chosen_later_gets_the_segment_in_its_place(
    config: Any, home: Path, terminal: Callable[..., Terminal], chosen: str
) -> None:
    """Both take away fish_mode_prompt, which tells that the prompt is another one."""
    config("prod", "staging")
    (home / ".config").mkdir(exist_ok=True)
    (home / ".config/starship.toml").write_text('format = "\\nmine READY> "\nadd_newline = false\n')
    term = terminal(FISH)
    assert term.prompt == "~(prod) READY> "
    if chosen == "starship":
        term.type("starship init fish --print-full-init | source" + ENTER)
    else:
        term.type("fish_config prompt choose nim" + ENTER)

    def placed(shown: str) -> bool:
        rows = term.screen.rstrip().split("\n")
        if chosen == "starship":
            return rows[-2:] == ["", f"{shown} mine READY>"]
        return any(row.startswith("┬─[") and row.endswith(f" {shown}") for row in rows[-2:])

    term.type(ENTER)  # nim takes it away while it is drawn
    term.wait(lambda: placed("~(prod)"), "the segment in its place")
    term.type("dctx staging" + ENTER)
    term.wait(lambda: placed("(staging)"), "the other segment in its place")


def test_second_switch_shows_no_key_in_a_trace(config: Any) -> None:
    """The first switch loads the function that does the others."""
    config("prod", "staging")
    ran = FISH.run(
        FISH.hook, "dctx staging", "set -g fish_trace 1", "dctx prod", "set -e fish_trace"
    )
    assert "dctx prod" in ran.err
    assert "key-of" not in ran.err
