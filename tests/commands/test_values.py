"""Values that some reader would misread: all readers agree, or the value is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import SENTINEL

from ..shells import Shell

Dctx = Callable[..., Any]


def one(path: Path, **entry: Any) -> None:
    """Write a config.json with one profile, any text in it."""
    entry = {"url": "https://prod.example.com", **entry}
    path.write_text(json.dumps({"profiles": {"prod": entry}}))


@pytest.mark.parametrize("words", [
    ("env", "prod", "--shell", "json"), ("env", "prod", "--shell", "bash"),
    ("env", "prod", "--shell", "dotenv"), ("exec", "prod", "--", "env"),
    ("env", "prod", "--shell", "sh", "--key-for=https://prod.example.com"),
], ids=" ".join)  # fmt: skip
def test_key_with_half_a_character_is_refused(config: Any, dctx: Dctx, words: list[str]) -> None:
    """Python spells bytes that are not UTF-8 so: the key would become a byte, or an escape."""
    one(config("prod"), token="k\udc80")
    ran = dctx(*words)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        "dctx: the value for DOKPLOY_API_KEY cannot be an environment variable. Run: dctx auth\n"
    )


def test_organization_with_half_a_character_is_refused_in_a_template(
    config: Any, dctx: Dctx
) -> None:
    one(config("prod"), token="k", organization={"id": "o\udc80"})
    assert dctx("exec", "-e", "A={url}", "prod", "--", "true").code == 0
    ran = dctx("exec", "-e", "A={org_id}", "prod", "--", "env")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("dctx: the value for org_id cannot be"), ran.err


def test_session_is_not_renewed_with_half_a_character(
    shell: Shell, loaded: str, config: Any, home: Path
) -> None:
    path = config("prod")
    one(home / "later", token="k\udc80")
    ran = shell.run(loaded, "dctx prod", shell.prompt, f"command cp later {path}", shell.prompt,
                    shell.show("DOKPLOY_API_KEY"), interactive=True)  # fmt: skip
    assert ran.vars == {"DOKPLOY_API_KEY": "key-of-prod"}


def test_key_that_its_profile_lost_leaves_the_session(
    shell: Shell, loaded: str, config: Any, home: Path
) -> None:
    path = config("prod")
    one(home / "later")
    ran = shell.run(loaded, "dctx prod", shell.prompt, f"command cp later {path}", shell.prompt,
                    shell.show("DOKPLOY_API_KEY"), "dokploy project all", shell.show("?"),
                    interactive=True)  # fmt: skip
    assert ran.shown == [{"DOKPLOY_API_KEY": SENTINEL}, {"?": "4"}], ran.err


def test_githubs_mask_is_of_the_key_itself(config: Any, dctx: Dctx, tmp_path: Path) -> None:
    """The runner reads %25 as a percent sign: a key with one would stay readable in the log."""
    config(prod={"token": "a%25b%0Ac"})
    ran = dctx("env", "prod", "--shell", "github", env={"GITHUB_ENV": str(tmp_path / "env")})
    assert (ran.code, ran.out) == (0, "::add-mask::a%2525b%250Ac\n")
    assert "DOKPLOY_API_KEY=a%25b%0Ac\n" in (tmp_path / "env").read_text()


@pytest.mark.parametrize("key", ["k'", 'k"', "'k", "k\ufeff", "\ufeffk", "k\nl", "k\rl"])
@pytest.mark.parametrize("shell", ["dotenv", "github"])
def test_key_that_the_official_cli_would_cut_is_in_no_dotenv(
    config: Any, dctx: Dctx, tmp_path: Path, key: str, shell: str
) -> None:
    config(prod={"token": key})
    ran = dctx("env", "prod", "--shell", shell, env={"GITHUB_ENV": str(tmp_path / "env")})
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "dctx: DOKPLOY_API_KEY cannot be written in one line. Use --shell json.\n"
    assert not (tmp_path / "env").exists()


def test_name_with_our_separator_begins_no_session(
    shell: Shell, loaded: str, config: Any, dctx: Dctx
) -> None:
    """`dctx off` would know half of the name, and leave the session's variables behind."""
    name = "a\x1fb"
    config(**{"prod": {}, name: {"url": "https://a.example"}})
    ran = shell.run(loaded, f"dctx -- {shell.quote(name)}", shell.show("?", "DOKPLOY_PROFILE"))
    assert ran.vars == {"?": "4", "DOKPLOY_PROFILE": None}
    assert "control character" in ran.err and "dctx rename" in ran.err
    assert dctx("env", "--shell", shell.dialect, "--", name).code == 4
    assert dctx("exec", "--", name, "--", "true").code == 0


EXCLUDE = "--get, --shell and --off exclude each other. Use one of them."
NO_OFF = "--off cannot be used with NAME, json, dotenv or github. Run: dctx env --off"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["prod", "--get", "url", "--shell", "sh"], EXCLUDE),
        (["--get", "url", "--off"], EXCLUDE),
        (["prod", "--off"], NO_OFF),
        (["prod", "--off", "--shell", "sh"], NO_OFF),
        (["--off", "--shell", "json"], NO_OFF),
        (["--off", "--shell", "dotenv"], NO_OFF),
    ],
    ids=str,
)
def test_options_of_env_that_exclude_each_other(
    config: Any, dctx: Dctx, words: list[str], says: str
) -> None:
    config("prod")
    ran = dctx("env", *words)
    assert (ran.code, ran.out, ran.err) == (2, "", f"dctx: {says}\n")
