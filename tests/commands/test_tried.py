"""Words and orders of other programs that people try: they work, or one line tells what does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import RESERVED, TRIED
from dokploy_ctx.model.profile import check_new_name
from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH, BY_DIALECT, DASH, Shell
from ..terminal import ENTER, Terminal

Dctx = Callable[..., Result]
Config = Callable[..., Path]


@pytest.mark.parametrize("word", ["status", "whoami"])
def test_status_and_whoami_print_the_active_profile(dctx: Dctx, config: Config, word: str) -> None:
    config("prod", "staging")
    ran = dctx(word)
    assert (ran.code, ran.out) == (0, "prod\n")
    assert ran.err == f"dctx: {word} is called current here. Running: dctx current\n"
    assert json.loads(dctx(word, "--json").out)["profile"] == "prod"


def test_login_saves_a_profile(dctx: Dctx, panel: StandIn, home: Path) -> None:
    key = panel.key_of("Acme")
    ran = dctx("login", "prod", "-u", panel.url, "-t", "-", stdin=key)
    assert (ran.code, ran.out) == (0, "")
    saved = json.loads((home / ".dokploy" / "config.json").read_text())
    assert saved["profiles"]["prod"]["token"] == key


@pytest.mark.parametrize("word", TRIED)
def test_profile_of_that_name_comes_first(
    shell: Shell, config: Config, dctx: Dctx, loaded: str, word: str
) -> None:
    assert word not in RESERVED
    check_new_name(word, [])
    config("prod", word)
    assert dctx("sync").code == 0
    ran = shell.run(loaded, f"dctx {word}", shell.show("?", "DOKPLOY_PROFILE"))
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": word}
    assert "prod" not in dctx(word).out  # and without the hook nothing else is done


def test_word_works_in_a_terminal_with_the_hook(
    shell: Shell, config: Config, dctx: Dctx, loaded: str
) -> None:
    config("prod")
    assert dctx("sync").code == 0
    ran = shell.run(loaded, "dctx status", shell.show("?"))
    assert (ran.vars, ran.out) == ({"?": "0"}, "prod\n")


def test_kubectx_options(dctx: Dctx, config: Config) -> None:
    path = config("prod", "staging")
    assert (dctx("-c").code, dctx("-c").out) == (0, "prod\n")
    before = path.read_bytes()
    for words, runs in ((("-d", "prod"), "dctx remove prod"), (("-d",), "dctx remove NAME")):
        ran = dctx(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == f"dctx: dctx has no option -d. To remove a profile, run: {runs}\n"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "words", [("--json", "list"), ("-q", "list"), ("--quiet", "ls", "prod"), ("--json", "current")]
)
def test_option_before_its_command_is_taken(
    dctx: Dctx, config: Config, words: tuple[str, ...]
) -> None:
    config("prod", "staging")
    option, command, *rest = words
    ran = dctx(*words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == dctx(command, option, *rest).out


@pytest.mark.parametrize(
    ("words", "err"),
    [
        (("--json", "use", "prod"), "No such option '--json'. See: dctx use --help"),
        (("--jsn", "list"), "No such option '--jsn'. Did you mean '--json'? See: dctx list --help"),
        (
            ("--profile", "prod", "project", "all"),
            (
                "--profile is for dokploy: dokploy --profile NAME ... "
                "For this terminal, run: dctx NAME"
            ),
        ),
        (("prod", "exec", "ls"), "the command comes before the profile. Run: dctx exec prod -- ls"),
        (
            ("prod", "exec", "--", "ls", "-l"),
            "the command comes before the profile. Run: dctx exec prod -- ls ...",
        ),
        (("prod", "verify"), "the command comes before the profile. Run: dctx verify prod"),
        (("prod", "rm"), "the command comes before the profile. Run: dctx remove prod"),
    ],
)
def test_other_orders_are_said_in_one_line(
    dctx: Dctx, config: Config, words: tuple[str, ...], err: str
) -> None:
    config("prod")
    ran = dctx(*words)
    assert (ran.code, ran.out, ran.err) == (2, "", f"dctx: {err}\n")


# ---- `dctx NAME` in a script ----


@pytest.mark.parametrize("of", BY_DIALECT.values(), ids=repr)
def test_switch_in_a_script_names_what_a_script_can_use(
    config: Config, of: Shell, terminal: Callable[..., Terminal], home: Path
) -> None:
    config("prod")
    says = (
        'dctx: "dctx prod" switches terminals, not scripts. For one command, run: '
        "dctx exec prod -- COMMAND, or: dokploy --profile=prod ..."
    )
    ran = of.run("dctx prod")
    assert (ran.code, ran.out, ran.err) == (1, "", f"{says}\n")
    (home / "deploy").write_text("dctx prod\n")
    term = terminal(of, hook=False, columns=200)  # a script that is run in a terminal
    assert term.line(f"{of.program} ./deploy") == says


def test_terminal_without_the_hook_is_told_how_to_load_it(
    config: Config, terminal: Callable[..., Terminal]
) -> None:
    config("prod")
    term = terminal(BASH, hook=False, columns=200)
    says = 'dctx: this terminal has not loaded dctx. Run: eval "$(dctx init bash)"'
    assert term.line("dctx prod").startswith(says)


def test_sh_script_is_told_of_env_besides(config: Config) -> None:
    config("prod")
    ran = DASH.run("dctx prod", env={"SHELL": "/bin/dash"})
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "dctx: dctx cannot switch this shell. For one command, run: dctx exec prod -- COMMAND, "
        'or: dokploy --profile=prod ... Or: eval "$(dctx env prod --shell sh)"\n'
    )


# ---- `dctx use` beside URL and key ----


def test_use_says_that_an_exported_pair_still_wins(dctx: Dctx, config: Config, home: Path) -> None:
    config("prod", "staging")
    pair = {"DOKPLOY_URL": "https://x.example.com", "DOKPLOY_API_KEY": "secret"}
    ran = dctx("use", "staging", env=pair)
    assert ran.code == 0
    assert ran.err.splitlines()[1] == (
        "dctx: DOKPLOY_URL and its key are set in this terminal, and win over the default. "
        "To switch this terminal, run: dctx switch staging"
    )
    (home / ".env").write_text("DOKPLOY_URL=https://x.example.com\nDOKPLOY_API_KEY=secret\n")
    assert "are set in .env here, and win" in dctx("use", "prod").err
    (home / ".env").unlink()
    assert len(dctx("use", "staging").err.splitlines()) == 1
    ran = dctx("use", "prod", env={**pair, "DOKPLOY_PROFILE": "staging"})
    assert ran.err.splitlines()[1:] == [
        "This terminal stays on staging. To leave it, run: dctx off"
    ]


# ---- `dctx open` ----


def test_open_prints_the_url_where_no_person_looks(dctx: Dctx, config: Config) -> None:
    config("prod", "staging", bad={"url": "file:///etc/passwd"})
    for words, url in (
        ((), "https://prod.example.com"),
        (("staging",), "https://staging.example.com"),
    ):
        ran = dctx("open", *words, env={"BROWSER": "false", "DISPLAY": ":0"})
        assert (ran.code, ran.out, ran.err) == (0, f"{url}\n", "")
    assert dctx("open", "nosuch").code == 3
    assert dctx("open", "bad").code == 4


def test_open_in_a_terminal_starts_the_browser(
    shell: Shell, loaded: str, config: Config, home: Path, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    browser = home / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{home}/opened\n')
    browser.chmod(0o755)
    term = terminal(shell, hook=False, rc=[loaded], env={"BROWSER": str(browser), "DISPLAY": None})
    assert term.line("dctx open staging") == "Opened https://staging.example.com"
    assert (home / "opened").read_text() == "https://staging.example.com\n"
    term = terminal(shell, hook=False, rc=[loaded], env={"BROWSER": None, "DISPLAY": None})
    assert term.line("dctx open") == "https://prod.example.com"


@pytest.mark.parametrize("word", ["open", "find"])
def test_profile_called_like_a_later_command_keeps_its_name(
    shell: Shell, loaded: str, config: Config, dctx: Dctx, word: str, panel: StandIn
) -> None:
    config(**{word: {"url": panel.url}})
    assert dctx("sync").code == 0
    ran = shell.run(loaded, f"dctx {word}", shell.show("?", "DOKPLOY_PROFILE"))
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": word}
    told = dctx("doctor", "--offline").out
    says = f"{word} is a profile and a command: dctx {word} switches to the profile. "
    assert f'{says}For the command, run: dctx {word} ""' in told
    if word == "open":
        assert dctx("open", "").out == f"{panel.url}\n"


def test_question_of_a_picker_is_no_answer_to_a_script(
    config: Config, terminal: Callable[..., Terminal]
) -> Any:
    config("prod")
    term = terminal(BASH, hook=False, columns=200)
    term.type("dctx use </dev/null" + ENTER)
    term.wait(lambda: "NAME is required" in term.screen, "the refusal")
