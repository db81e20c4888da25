"""What only fish has: variables that are set but not exported, and fish_mode_prompt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ..shells import FISH
from ..terminal import CTRL_U, ENTER, TAB, Terminal

SEGMENT = 'echo "[$DCTX_SEGMENT]" >&2'


def shows(term: Terminal, text: str) -> bool:
    """Return whether this stands between prompt and cursor."""
    return term.typed == text


def completed(term: Terminal, typed: str) -> bool:
    """Return whether Tab made more of what was typed."""
    return not term.typed.endswith(f" {typed}")


def segment(*lines: str) -> str:
    """Return the segment after `lines`, each of which ends in a prompt."""
    steps = [step for line in lines for step in (line, FISH.prompt + " >/dev/null")]
    return FISH.run(FISH.hook, *steps, SEGMENT).err


def test_variable_that_is_not_exported_does_not_count(config: Any) -> None:
    config("prod", "staging")
    assert segment("set -g DOKPLOY_PROFILE staging") == "[prod]\n"
    assert segment("set -g DOKPLOY_URL https://a; set -g DOKPLOY_API_KEY k") == "[prod]\n"
    # The value stays, the export comes and goes.
    assert segment("set -g DOKPLOY_PROFILE staging", "set -gx DOKPLOY_PROFILE staging") == (
        "[staging]\n"
    )
    assert segment("set -gx DOKPLOY_PROFILE staging", "set -gu DOKPLOY_PROFILE") == "[prod]\n"


def test_which_variable_is_exported_counts_not_how_many(config: Any) -> None:
    config("prod", "staging")
    swap = "set -gu DOKPLOY_PROFILE staging; set -gx DOKPLOY_CONFIG_DIR /nonexistent"
    before = "set -gx DOKPLOY_PROFILE staging; set -g DOKPLOY_CONFIG_DIR /nonexistent"
    assert segment(before) == "[staging]\n"
    assert segment(before, swap) == "[]\n"


def test_session_ends_where_its_profile_is_exported_no_more(config: Any) -> None:
    config("prod", "staging")
    ran = FISH.run(
        FISH.hook,
        "dctx staging",
        "set -gu DOKPLOY_PROFILE $DOKPLOY_PROFILE",
        FISH.prompt + " >/dev/null",
        FISH.show("DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY", "DCTX_SEGMENT"),
    )
    # The name stays, since somebody else changed it; no child sees it.
    assert list(ran.vars.values()) == ["staging", None, None, "prod"]


def test_key_set_empty_hides_the_older_name_at_the_next_prompt(config: Any) -> None:
    config("prod")
    pair = "set -gx DOKPLOY_URL https://a.example; set -gx DOKPLOY_AUTH_TOKEN t"
    assert segment(pair) == "[env:a.example]\n"
    # The first prompt compiles the index: without one no prompt takes the short cut.
    assert segment("true", pair, "set -gx DOKPLOY_API_KEY ''") == "[prod]\n"


def test_list_is_one_name(config: Any) -> None:
    config("prod", "staging", "dev")
    assert segment("set -gx DOKPLOY_PROFILE staging dev") == "[?]\n"


def test_dotenv_is_read_past_a_nul(config: Any, home: Path) -> None:
    config("prod")
    (home / "nul").write_bytes(b"A=1\0\nDOKPLOY_URL=https://a.example\nDOKPLOY_API_KEY=k\n")
    # The first prompt compiles the index: without one each prompt asks the core.
    assert segment("true", "cp nul .env") == "[env:a.example]\n"


def test_name_with_a_glob_is_a_name(config: Any) -> None:
    config("prod", **{"o?f": {"url": "https://a.example"}})
    ran = FISH.run(FISH.hook, "dctx 'o?f'", FISH.show("?", "DOKPLOY_PROFILE"))
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": "o?f"}


@pytest.mark.parametrize("order", ["before", "after"])
def test_own_mode_prompt_stays(
    config: Any, data_home: Path, terminal: Callable[..., Terminal], order: str
) -> None:
    config("prod", "staging")
    own = "function fish_mode_prompt; echo -n '[M]'; end"
    loaded = f"source {FISH.quote(str(data_home / 'hook.fish'))}"
    rc = [own, loaded] if order == "before" else [loaded, own]
    term = terminal(FISH, hook=False, rc=rc)
    assert term.prompt == "~(prod) [M]READY> "
    term.line("dctx staging")
    assert term.prompt == "(staging) [M]READY> "
    term.line(loaded)
    assert term.prompt == "(staging) [M]READY> "
    term.line("functions -e fish_mode_prompt")  # as starship does
    assert term.prompt == "(staging) READY> "


STATUS = "set -l p $pipestatus; set -l s $status;"
PROMPTS = {
    "an empty line first": (
        f"function fish_prompt; {STATUS} echo; echo \"<$s $p>\"; echo -n 'READY> '; end",
        ("{} <0 0>", "READY> "),
    ),
    "cleared, then an empty line, as starship": (
        f"function fish_prompt; {STATUS} printf '\\e[J\\n<%s>\\nREADY> ' \"$s $p\"; end",
        ("{} <0 0>", "READY> "),
    ),
    "a frame": (
        f"function fish_prompt; {STATUS} printf '\\e[32m┬─<%s>\\n╰─>READY> ' \"$s $p\"; end",
        ("┬─<0 0> {}", "╰─>READY> "),
    ),
    "two lines": (
        f"function fish_prompt; {STATUS} printf '<%s>\\nREADY> ' \"$s $p\"; end",
        ("{} <0 0>", "READY> "),
    ),
}


@pytest.mark.parametrize("kind", PROMPTS)
def test_segment_stands_behind_an_empty_line_and_a_frame(
    config: Any, terminal: Callable[..., Terminal], kind: str
) -> None:
    config("prod", "staging")
    own, lines = PROMPTS[kind]
    term = terminal(FISH, after=[own])
    first = [line.format("~(prod)") for line in lines]
    term.wait(lambda: term.screen.rstrip().split("\n")[-2:] == [row.rstrip() for row in first])
    for word, shown in (("staging", "(staging)"), ("prod", "(prod)")):
        term.line(f"dctx {word}")
        rows = [line.format(shown).rstrip() for line in lines]
        assert term.screen.rstrip().split("\n")[-2:] == rows
    term.line("true | sh -c 'exit 3' | true")
    assert term.screen.rstrip().split("\n")[-2].endswith(("<0 0 3 0>", "<0 0 3 0> (prod)"))
    # Another prompt of the user's own has the segment, too.
    term.line("function fish_prompt; echo -n 'x READY> '; end")
    assert term.prompt == "(prod) x READY> "


def test_prompt_of_another_program_is_drawn_whole(config: Any) -> None:
    """In fish a built-in may overtake a program's output that is still on its way."""
    config("prod")
    own = "function fish_prompt; sh -c 'printf \"\\n<mine> \"'; end"
    lines = ["emit fish_prompt; fish_mode_prompt >/dev/null; fish_prompt >/dev/null 2>&1",
             "for i in (seq 400); fish_prompt >>drawn; builtin echo >>drawn; end"]  # fmt: skip
    FISH.run(FISH.hook, own, *lines, env={"NO_COLOR": "1"})
    drawn = Path("drawn").read_text("utf-8").removesuffix("\n").split("\n")
    assert drawn == ["", "~(prod) <mine> "] * 400


def test_prompt_that_ends_its_line_is_drawn_whole(
    config: Any, terminal: Callable[..., Terminal]
) -> None:
    """fish itself overlooks that; the first prompt is ours to draw."""
    config("prod", "staging")
    term = terminal(FISH, after=["function fish_prompt; echo 'READY> '; end"])
    assert term.prompt == "~(prod) READY> "
    term.line("dctx staging")
    assert term.prompt == "(staging) READY> "


def test_stock_prompt_that_defines_the_mode_prompt_shows_it_every_time(
    config: Any, terminal: Callable[..., Terminal]
) -> None:
    """nim does, in each fish_prompt."""
    config("prod", "staging")
    own = "function fish_prompt; function fish_mode_prompt; end; echo -n 'READY> '; end"
    term = terminal(FISH, after=[own])
    for _ in range(4):
        assert term.prompt == "~(prod) READY> "
        term.line("true")
    term.line("dctx staging")
    for _ in range(3):
        assert term.prompt == "(staging) READY> "
        term.line("true")


@pytest.mark.parametrize("name", ["dumb", ""])
def test_terminal_without_escapes_gets_none(config: Any, name: str) -> None:
    config("prod", "staging")
    lines = ["__dctx_check", "fish_mode_prompt", "dctx staging 2>/dev/null", "fish_mode_prompt"]
    assert FISH.run(FISH.hook, *lines, env={"TERM": name}).out == "~(prod) (staging) "
    coloured = FISH.run(FISH.hook, *lines, env={"TERM": "xterm"}).out
    assert coloured == "\x1b[2m~(prod) \x1b[m\x1b[32m(staging) \x1b[m"


def test_hook_loaded_twice_shows_one_segment(
    config: Any, data_home: Path, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    term = terminal(FISH, after=[f"source {data_home / 'hook.fish'}"] * 2)
    term.line("dctx staging")
    term.line(f"source {data_home / 'hook.fish'}")
    assert term.prompt == "(staging) READY> "
    term.line("dctx -")
    assert term.prompt == "~(prod) READY> "
    term.line("dctx -")
    assert term.prompt == "(staging) READY> "


def test_switch_in_a_pipe_a_substitution_and_behind_an_ampersand_counts(config: Any) -> None:
    """fish runs a function in itself, wherever it stands: what the message says is true."""
    config("prod", "staging")
    ran = FISH.run(
        FISH.hook, "dctx staging 2>| cat", FISH.show("DOKPLOY_PROFILE"), "set -l x (dctx prod)",
        FISH.show("DOKPLOY_PROFILE"), "dctx staging &", FISH.show("DOKPLOY_PROFILE"),
    )  # fmt: skip
    assert [row["DOKPLOY_PROFILE"] for row in ran.shown] == ["staging", "prod", "staging"]


def test_tab_offers_commands_by_their_beginning_alone(
    config: Any, terminal: Callable[..., Terminal]
) -> None:
    """fish would look for what is typed in the descriptions, too."""
    config("prod", "staging")
    term = terminal(FISH)
    for typed in ("dctx keys", "dctx profile,", "dctx th", "dctx help keys"):
        term.type(typed + TAB + " .")
        term.wait(partial(shows, term, f"{typed} ."), typed)
        term.clear()
    term.type("dctx prote" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx protect", "the command")
    term.clear()


def test_tab_quotes_names_that_need_it(config: Any, terminal: Callable[..., Terminal]) -> None:
    names = {
        "eu:one": "eu",
        "a b": "a",
        "k=v": "k",
        "it's": "it",
        "do$lar": "do",
        "back\\slash": "ba",
    }
    config("prod", **{name: {"url": "https://x.example"} for name in names})
    term = terminal(FISH)
    for name, typed in names.items():
        for command in ("dctx", "dctx use", "dctx rm"):
            term.type(f"{command} {typed}" + TAB)
            term.wait(partial(completed, term, typed), f"{name!r} completed")
            term.type(CTRL_U)
            term.wait(lambda: term.typed == "", "an empty line")
        term.type(f"dctx {typed}" + TAB)
        term.wait(partial(completed, term, typed), f"{name!r} completed")
        term.key(ENTER)
        assert term.line("echo $DOKPLOY_PROFILE") == name
        term.line("dctx off")


def test_ctrl_c_while_the_core_is_asked_changes_nothing(
    config: Any, data_home: Path, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    """The answer that never came is asked for again at the next prompt."""
    slow = ["sh", "-c", "echo asked >&2; sleep 30; echo k"]
    config("prod", "staging", vault={"token": None, "tokenCommand": slow})
    term = terminal(FISH)
    term.line("dctx staging")
    term.type("dctx vault" + ENTER)
    term.wait(lambda: "asked" in term.screen, "the question")
    term.interrupt()
    assert term.prompt == "(staging) READY> "
    assert term.line("echo $DOKPLOY_PROFILE $DOKPLOY_API_KEY") == "staging key-of-staging"
    term.line("dctx prod")
    assert term.prompt == "(prod) READY> "


def test_users_variable_of_a_common_name_stays(config: Any) -> None:
    """The hook's own are local, or begin with __dctx_."""
    config("prod", "staging")
    names = ("name", "part", "x", "us", "text", "kind", "lines", "where", "folder", "build", "word")
    ran = FISH.run(
        *[f"set -g {name} mine" for name in names], FISH.hook, FISH.prompt + " >/dev/null",
        "dctx staging", "dctx off", "__dctx_offer __dctx_names '' >/dev/null", FISH.show(*names),
    )  # fmt: skip
    assert ran.vars == dict.fromkeys(names, "mine")


def test_prompt_sees_the_users_status(config: Any, terminal: Callable[..., Terminal]) -> None:
    config("prod")
    own = "function fish_prompt; set -l p $pipestatus; echo -n $status, $p 'READY> '; end"
    term = terminal(FISH, after=[own])
    term.line("true | sh -c 'exit 3' | true")
    assert term.prompt == "~(prod) 0, 0 3 0 READY> "
    term.line("sh -c 'exit 7'")
    assert term.prompt.endswith(" 7, 7 READY> ")


def test_universal_variable_is_covered_and_comes_back(
    config: Any, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    term = terminal(FISH)
    term.line("set -Ux DOKPLOY_URL https://uni.example; set -Ux DOKPLOY_API_KEY k")
    assert term.prompt == "(env:uni.example) READY> "
    term.line("dctx staging")
    assert (
        term.line("echo $DOKPLOY_URL; sh -c 'echo $DOKPLOY_URL'").split()
        == ["https://staging.example.com"] * 2
    )
    term.line("dctx off")
    assert term.prompt == "(env:uni.example) READY> "
    assert term.line("set -qU DOKPLOY_URL; and not set -qg DOKPLOY_URL; and echo left") == "left"
