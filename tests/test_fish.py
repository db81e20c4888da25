"""What only fish has: variables that are set but not exported, and fish_mode_prompt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .shells import FISH
from .terminal import Terminal

SEGMENT = 'echo "[$DCTX_SEGMENT]" >&2'
NOT_FISHS = ("contains", "set_color", "functions", "complete", "commandline", "count", "printf")


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
    (home / ".env").write_bytes(b"A=1\0\nDOKPLOY_URL=https://a.example\nDOKPLOY_API_KEY=k\n")
    assert segment("true") == "[env:a.example]\n"


def test_name_with_a_glob_is_a_name(config: Any) -> None:
    config("prod", **{"o?f": {"url": "https://a.example"}})
    ran = FISH.run(FISH.hook, "dctx 'o?f'", FISH.show("?", "DOKPLOY_PROFILE"))
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": "o?f"}


def test_functions_named_like_builtins(config: Any) -> None:
    config("prod", "staging")
    shadows = [f"function {name}; builtin echo HIJACKED; end" for name in NOT_FISHS]
    ran = FISH.run(
        *shadows,
        FISH.hook,
        "dctx staging",
        "fish_mode_prompt",
        "__dctx_offer __dctx_names ''",
        "dctx off",
    )
    assert "HIJACKED" not in ran.out + ran.err
    assert "(staging)" in ran.out


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
