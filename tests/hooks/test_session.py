"""What a switch changes in a shell, and that `off` restores all of it."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ..shells import BASH, POSIX, ZSH, Ran, Shell

PROFILE, URL, KEY = "DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY"
TOKEN, ORG, ORG_ID = "DOKPLOY_AUTH_TOKEN", "DCTX_ORG", "DCTX_ORG_ID"
OWNED = (PROFILE, URL, KEY, TOKEN, ORG, ORG_ID)
ACME = {"organization": {"id": "-acme", "name": "Acme & Söhne"}}
US = "\x1f"
# Set to something that every quoting gets wrong once.
STATES = (None, "", 'it\'s "x" \\ $HOME `id` %s\nsecond line\n')


def ours(environ: dict[str, str]) -> dict[str, str]:
    """Return what of an environment a session may have put there."""
    return {
        name: value
        for name, value in environ.items()
        if name in OWNED or name.startswith(("_DCTX_S_", "_DCTX_SESSION"))
    }


def arrange(shell: Shell, values: Mapping[str, str | None]) -> list[str]:
    """Return the lines that put the variables into these states."""
    return [
        shell.unset(name) if value is None else shell.export(name, value)
        for name, value in values.items()
    ]


def silent_unset(shell: Shell) -> list[str]:
    """Return lines after which no variable of a session is there, whatever was."""
    return [shell.forget(name) for name in OWNED]


COMBINATIONS = [
    dict(zip((PROFILE, URL, KEY, TOKEN), states, strict=True))
    for states in itertools.product(STATES, repeat=4)
]


def test_switch_exports_the_profile(shell: Shell, config: Any, loaded: str) -> None:
    config(staging=ACME)
    ran = shell.run(loaded, "dctx staging", shell.show("?"), shell.environ)
    assert (ran.vars["?"], ran.out) == ("0", "")
    assert ran.err == ("Switched to staging:Acme & Söhne (https://staging.example.com)\n")
    assert ours(ran.env) == {
        PROFILE: "staging",
        URL: "https://staging.example.com",
        KEY: "key-of-staging",
        ORG: "Acme & Söhne",
        ORG_ID: "-acme",
        "_DCTX_SESSION": f"staging{US}https://staging.example.com{US}key-of-staging",
    }


def test_off_restores_every_combination(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", staging=ACME)
    lines = [loaded]
    for values in COMBINATIONS:
        lines += silent_unset(shell)
        lines += arrange(shell, values)
        lines += ["dctx staging 2>/dev/null", "dctx prod 2>/dev/null", "dctx off 2>/dev/null"]
        lines += [shell.show(*OWNED)]
    lines += [shell.environ]
    ran = shell.run(*lines)
    assert len(ran.shown) == len(COMBINATIONS)
    for values, seen in zip(COMBINATIONS, ran.shown, strict=True):
        assert seen == {**dict.fromkeys(OWNED), **values}
    assert not [name for name in ran.env if name.startswith("_DCTX_S")]


@pytest.mark.parametrize("values", COMBINATIONS[::7], ids=str)
def test_off_in_a_nested_shell_restores_too(
    shell: Shell, config: Any, loaded: str, values: dict[str, str | None]
) -> None:
    config("prod", staging=ACME)
    lines = arrange(shell, {name: value for name, value in values.items() if value is not None})
    outer = shell.run(loaded, *lines, "dctx staging", shell.environ)
    inner = shell.run(
        loaded, "dctx prod", shell.show(PROFILE), "dctx off", shell.show(*OWNED), env=outer.env
    )
    assert inner.shown[0] == {PROFILE: "prod"}
    assert inner.vars == {**dict.fromkeys(OWNED), **values}


def test_off_keeps_what_somebody_changed_since(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", staging=ACME)
    for name in (PROFILE, URL, KEY, TOKEN):
        before = {PROFILE: "p0", URL: "u0", KEY: "k0", TOKEN: "t0"}
        ran = shell.run(
            loaded,
            *arrange(shell, before),
            "dctx staging",
            shell.export(name, "changed"),
            "dctx off",
            shell.show(PROFILE, URL, KEY, TOKEN),
        )
        assert ran.vars == {**before, name: "changed"}


@pytest.mark.parametrize("vault", [False, True], ids=["index", "core"])
def test_off_gives_back_exported_what_was_exported(
    shell: Shell, config: Any, loaded: str, vault: bool
) -> None:
    """One half of the variables is exported; then the other half is."""
    secret = {"token": "", "tokenCommand": ["echo", "k"]} if vault else {}
    config("prod", staging={**ACME, **secret})
    values: dict[str, str | None] = {PROFILE: "p", URL: "u", KEY: "", TOKEN: "t", ORG: "o",
                                     ORG_ID: "i x"}  # fmt: skip
    for half in ({PROFILE, KEY, ORG}, {URL, TOKEN, ORG_ID}):
        ran = shell.run(
            loaded,
            *arrange(shell, {name: value for name, value in values.items() if name in half}),
            *[shell.set(name, value or "") for name, value in values.items() if name not in half],
            "dctx staging",
            shell.show(*OWNED),
            "dctx prod",
            shell.environ,
            "dctx off",
            shell.show(*OWNED),
            shell.environ,
        )
        assert ran.shown[0][PROFILE] == "staging", ran.err
        assert {name for name in ran.environs[0] if name.startswith("_DCTX_S_")} == {
            f"_DCTX_S_{name}" for name in half
        }
        assert ran.vars == values
        assert ours(ran.env) == {name: values[name] for name in half}


def test_session_is_withdrawn_where_its_profile_is_exported_no_more(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod", staging=ACME)
    ran = shell.run(
        loaded,
        "dctx staging",
        shell.prompt,
        shell.unexport(PROFILE),
        shell.prompt,
        shell.show("DCTX_SEGMENT", PROFILE, URL, KEY),
        shell.environ,
        interactive=True,
    )
    # The name is the shell's alone now, and nobody's concern.
    assert ran.vars == {"DCTX_SEGMENT": "prod", PROFILE: "staging", URL: None, KEY: None}
    assert PROFILE not in ran.env


def test_export_that_comes_and_goes_is_seen_at_the_next_prompt(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod", staging=ACME)
    look = [shell.prompt, shell.show("DCTX_SEGMENT")]
    ran = shell.run(
        loaded,
        *look,
        shell.set(PROFILE, "staging"),
        *look,
        shell.reexport(PROFILE),
        *look,
        shell.unset(PROFILE),
        *look,
        shell.set(PROFILE, "staging"),
        *look,
        interactive=True,
    )
    seen = [row["DCTX_SEGMENT"] for row in ran.shown]
    assert seen == ["prod", "prod", "staging:Acme & Söhne", "prod", "prod"]


def test_folder_that_is_not_exported_is_not_read(
    shell: Shell, config: Any, loaded: str, home: Path
) -> None:
    config("prod")
    other = home / "other"
    other.mkdir(0o700)
    (other / "config.json").write_text(json.dumps({"profiles": {"elsewhere": {}}}))
    ran = shell.run(
        loaded,
        shell.set("DOKPLOY_CONFIG_DIR", str(other)),
        shell.prompt,
        shell.show("DCTX_SEGMENT"),
        "dctx elsewhere",
        shell.show("?"),
        "dctx prod",
        shell.show("?"),
        interactive=True,
    )
    assert ran.shown == [{"DCTX_SEGMENT": "prod"}, {"?": "3"}, {"?": "0"}]


def test_off_without_a_session_changes_nothing(shell: Shell, config: Any, loaded: str) -> None:
    config("prod")
    ran = shell.run(loaded, "dctx off", shell.show("?"), shell.export(PROFILE, "prod"), "dctx off",
                    shell.show("?", PROFILE))  # fmt: skip
    assert ran.shown == [{"?": "0"}, {"?": "0", PROFILE: "prod"}]
    assert ran.err == (
        "This terminal is not in a session, so there is nothing to end\n"
        "DOKPLOY_PROFILE was set outside this terminal. To unset it, run: unset DOKPLOY_PROFILE\n"
    ).replace("unset DOKPLOY_PROFILE", shell.unset(PROFILE))


def evaluate(shell: Shell, words: str) -> str:
    """Return the line by which a user evaluates what `dctx env` prints."""
    return shell.evaluate(f"dctx env {words} --shell {shell.dialect}")


@pytest.mark.parametrize("values", COMBINATIONS[::11], ids=str)
def test_env_equals_the_switch_variable_by_variable(
    shell: Shell, config: Any, loaded: str, values: dict[str, str | None]
) -> None:
    config("prod", staging=ACME)
    lines = arrange(shell, {name: value for name, value in values.items() if value is not None})

    def compare(by_hook: list[str], by_env: list[str]) -> None:
        hook = shell.run(loaded, *lines, *by_hook, shell.environ)
        env = shell.run(*lines, *by_env, shell.environ)
        assert (hook.code, env.code) == (0, 0)
        assert ours(hook.env) == ours(env.env)
        assert env.err == ""

    compare(["dctx staging"], [evaluate(shell, "staging")])
    compare(["dctx staging", "dctx prod"], [evaluate(shell, "staging"), evaluate(shell, "prod")])
    compare(["dctx staging", "dctx off"], [evaluate(shell, "staging"), evaluate(shell, "--off")])
    changed = [shell.export(URL, "by hand")]
    compare(
        ["dctx staging", *changed, "dctx off"],
        [evaluate(shell, "staging"), *changed, evaluate(shell, "--off")],
    )
    other = [shell.export(PROFILE, "other")]
    compare(
        ["dctx staging", *other, "dctx prod"],
        [evaluate(shell, "staging"), *other, evaluate(shell, "prod")],
    )


def test_env_for_sh_is_evaluated_by_dash_and_busybox(sh: Shell, config: Any) -> None:
    config(staging={**ACME, "token": "k'\"$(id)\\"})
    ran = sh.run(
        "set -eu",
        sh.export(TOKEN, "old"),
        evaluate(sh, "staging"),
        sh.show(*OWNED),
        evaluate(sh, "--off"),
        sh.show(*OWNED),
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.shown[0][KEY] == "k'\"$(id)\\"
    assert ran.shown[0][TOKEN] is None
    assert ran.shown[1] == {**dict.fromkeys(OWNED), TOKEN: "old"}


def test_dash_goes_back_and_forth(shell: Shell, config: Any, loaded: str) -> None:
    config("a", "b")
    ran = shell.run(
        loaded,
        "dctx -", shell.show("?", PROFILE),
        "dctx a", "dctx b", "dctx b", "dctx -", shell.show("?", PROFILE),
        "dctx -", shell.show(PROFILE),
        "dctx off", "dctx -", shell.show(PROFILE),
    )  # fmt: skip
    assert ran.shown == [
        {"?": "1", PROFILE: None},
        {"?": "0", PROFILE: "a"},
        {PROFILE: "b"},
        {PROFILE: "b"},
    ]
    said = "dctx: this terminal has no previous profile. Switch to one with: dctx NAME\n"
    assert said in ran.err


def test_dash_after_a_first_switch_is_off_and_again_back(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("a", "b")
    ran = shell.run(
        loaded,
        "dctx b", "dctx -", shell.show("?", PROFILE),
        "dctx -", shell.show("?", PROFILE),
        "dctx -", shell.show("?", PROFILE),
        "dctx b", "dctx -", shell.show("?", PROFILE),  # b was before, too: no way back to here
    )  # fmt: skip
    assert ran.shown == [
        {"?": "0", PROFILE: None},
        {"?": "0", PROFILE: "b"},
        {"?": "0", PROFILE: None},
        {"?": "0", PROFILE: None},
    ]


def test_every_way_to_write_a_name(shell: Shell, config: Any, loaded: str) -> None:
    odd = {"url": "https://odd.example.com"}
    config("prod", "staging", **{"list": {}, "-x": odd, "a b": odd, "Prod": {}})
    ran = shell.run(
        loaded,
        "dctx switch nosuch", shell.show("?", PROFILE),
        "dctx switch staging", shell.show("?", PROFILE),
        "dctx switch -- list", shell.show("?", PROFILE),
        "dctx -- -x", shell.show("?", PROFILE),
        f"dctx {shell.quote('a b')}", shell.show("?", PROFILE),
        "dctx Prod", shell.show("?", PROFILE, URL),
        "dctx ''", shell.show("?", PROFILE),
    )  # fmt: skip
    assert ran.shown == [
        {"?": "3", PROFILE: None},
        {"?": "0", PROFILE: "staging"},
        {"?": "0", PROFILE: "list"},
        {"?": "0", PROFILE: "-x"},
        {"?": "0", PROFILE: "a b"},
        {"?": "0", PROFILE: "Prod", URL: "https://prod.example.com"},
        {"?": "3", PROFILE: "Prod"},
    ]


def test_unknown_name_changes_nothing(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(loaded, "dctx prod", shell.environ, "dctx stagng", shell.show("?"),
                    shell.environ)  # fmt: skip
    assert ran.vars == {"?": "3"}
    assert ran.err.endswith('dctx: profile "stagng" not found. Did you mean staging?\n')
    assert ran.environs[0] == ran.environs[1]


def test_damaged_config_is_one_line_and_changes_nothing(
    shell: Shell, config: Any, loaded: str
) -> None:
    path = config("prod", "staging")
    ran = shell.run(
        loaded,
        "dctx prod",
        f"printf %s '{{' > {shell.quote(str(path))}",
        "dctx staging",
        shell.show("?", PROFILE),
        shell.prompt,
        shell.prompt,
        shell.show("DCTX_SEGMENT"),
        interactive=True,
    )
    assert ran.shown == [{"?": "4", PROFILE: "prod"}, {"DCTX_SEGMENT": "?"}]
    assert ran.err.count("is not valid JSON") == 1
    assert path.read_text() == "{"


def test_mended_config_is_seen_at_the_next_prompt(
    shell: Shell, config: Any, loaded: str, home: Path
) -> None:
    good = config("prod").read_text()
    (home / "good.json").write_text(good)
    path = config("prod")
    path.write_text("{")
    ran = shell.run(
        loaded,
        shell.prompt,
        shell.show("DCTX_SEGMENT"),
        "cat good.json >.dokploy/config.json",
        shell.prompt,
        shell.show("DCTX_SEGMENT"),
        interactive=True,
    )
    assert ran.shown == [{"DCTX_SEGMENT": "?"}, {"DCTX_SEGMENT": "prod"}]


def test_dotenv_that_comes_and_goes_is_seen_at_the_next_prompt(
    shell: Shell, config: Any, loaded: str, home: Path
) -> None:
    config("prod")
    (home / "pair").write_text("DOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n")
    look = [shell.prompt, shell.show("DCTX_SEGMENT")]
    ran = shell.run(
        loaded, *look, "cp pair .env", *look, "echo A=1 >.env", *look, "cp pair .env", *look,
        "rm .env", *look, interactive=True,
    )  # fmt: skip
    seen = [row["DCTX_SEGMENT"] for row in ran.shown]
    assert seen == ["prod", "env:h.example.com", "prod", "env:h.example.com", "prod"]


@pytest.mark.parametrize("name", OWNED)
@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_readonly_variable_means_all_or_nothing(
    shell: Shell, config: Any, loaded: str, name: str
) -> None:
    config("prod", staging=ACME)
    values = {PROFILE: "prod", URL: "u", KEY: "k", TOKEN: "t", ORG: "o", ORG_ID: "i"}
    ran = shell.run(
        loaded,
        *arrange(shell, values),
        f"readonly {name}",
        "dctx staging",
        shell.show("?", *OWNED),
        evaluate(shell, "staging"),
        shell.show("?", *OWNED),
        shell.environ,
    )
    assert ran.shown == [{"?": "1", **values}, {"?": "1", **values}]
    assert f"dctx: {name} is read-only in this shell. Nothing was changed.\n" in ran.err
    assert "_DCTX_SESSION" not in ran.env
    # Readonly while a session is there: `off` and `-` change nothing either.
    ran = shell.run(
        loaded,
        "dctx prod",
        "dctx staging",
        shell.show(*OWNED),
        f"readonly {URL}",
        "dctx off",
        shell.show("?", *OWNED),
        "dctx -",
        shell.show("?", *OWNED),
    )
    before, off, back = ran.shown
    assert off == back == {"?": "1", **before}


@pytest.mark.parametrize("shell", [BASH, ZSH], ids=repr, indirect=True)
def test_a_variable_of_another_kind_is_named(shell: Shell, config: Any, loaded: str) -> None:
    """A number would evaluate what a switch assigns. bash 3.2 does not tell what is one."""
    config(staging=ACME)
    ran = shell.run(loaded, f"typeset -i {ORG_ID}", "dctx staging", shell.show("?", *OWNED))
    assert ran.shown[0] | {ORG_ID: None} == {"?": "1", **dict.fromkeys(OWNED)}
    assert f"dctx: {ORG_ID} is read-only in this shell. Nothing was changed.\n" in ran.err


def test_who_wants_no_key_in_a_session_loses_it_at_the_next_prompt(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("staging")
    ran = shell.run(
        loaded,
        "dctx staging",
        shell.show(KEY),
        shell.export("DCTX_EXPORT_KEY", "0"),
        shell.prompt,
        shell.show(KEY, "DCTX_SEGMENT"),
        interactive=True,
    )
    there, gone = {KEY: "key-of-staging"}, {KEY: "protected-by-dctx", "DCTX_SEGMENT": "staging"}
    assert ran.shown == [there, gone]


@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_session_that_cannot_be_renewed_is_no_sentence_at_a_prompt(
    shell: Shell, config: Any, loaded: str
) -> None:
    """The prompt shows (?); whoever then switches is told which variable it is."""
    path = config("staging")
    ran = shell.run(
        loaded,
        "dctx staging",
        f"readonly {URL}",
        f"sed s/key-of-staging/another/ {path} >{path}.new; mv {path}.new {path}",
        shell.prompt,
        shell.show(KEY, "DCTX_SEGMENT"),
        interactive=True,
    )
    assert ran.vars == {KEY: "key-of-staging", "DCTX_SEGMENT": "?"}
    assert "read-only" not in ran.err


def test_a_core_that_says_nothing_is_said_and_fails_by_1(
    shell: Shell, config: Any, loaded: str
) -> None:
    """A name with a colon has no quick road."""
    config(**{"a:b": {"url": "https://a.example.com"}})
    # The first `dctx` loads the piece whose constants are changed here.
    broken = ["dctx nosuch", shell.set("__dctx_python", ""), shell.set("__dctx_bin", "/bin/true")]
    ran = shell.run(loaded, *broken, "dctx a:b", shell.show("?", PROFILE))
    assert ran.shown == [{"?": "1", PROFILE: None}]
    assert "Run: dctx doctor" in " ".join(ran.err.split())  # a long path wraps the line


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return nothing; another program changes config.json, at a time of its own."""
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return []


def two_steps(
    shell: Shell, loaded: str, between: Callable[[], object], *, first: str = "dctx staging"
) -> Ran:
    """Return what a prompt makes of a session, taken over by a new shell, after `between`.

    A nested shell and one that lives on see the same: the session is all in the environment.
    """
    outer = shell.run(loaded, first, shell.environ)
    between()
    return shell.run(
        loaded,
        shell.prompt,
        shell.show(PROFILE, URL, KEY, "DCTX_SEGMENT", "DCTX_SEGMENT_STATE"),
        interactive=True,
        env=outer.env,
    )


def test_prompt_renews_a_rotated_key(shell: Shell, config: Any, loaded: str) -> None:
    path = config("prod", staging=ACME)

    def rotate(data: dict[str, Any]) -> None:
        data["profiles"]["staging"] |= {"token": "new-key", "url": "https://moved.example.com"}

    ran = two_steps(shell, loaded, lambda: edit(path, rotate))
    assert ran.vars == {
        PROFILE: "staging",
        URL: "https://moved.example.com",
        KEY: "new-key",
        "DCTX_SEGMENT": "staging:Acme & Söhne",
        "DCTX_SEGMENT_STATE": "session",
    }


def test_prompt_renews_within_a_living_shell(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(
        loaded,
        "dctx staging",
        shell.prompt,
        f"echo new-key | dctx auth staging -u https://n.example.com -t - --no-check 2>{os.devnull}",
        shell.prompt,
        shell.show(URL, KEY),
        interactive=True,
    )
    assert ran.vars == {URL: "https://n.example.com", KEY: "new-key"}


def test_prompt_withdraws_where_somebody_took_the_profile(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod", staging=ACME)
    ran = shell.run(
        loaded,
        *arrange(shell, {URL: "mine", TOKEN: "t"}),
        "dctx staging",
        shell.export(PROFILE, "prod"),
        shell.prompt,
        shell.show(*OWNED, "DCTX_SEGMENT"),
        shell.environ,
        interactive=True,
    )
    assert ran.vars == {
        **dict.fromkeys(OWNED), PROFILE: "prod", URL: "mine", TOKEN: "t", "DCTX_SEGMENT": "prod",
    }  # fmt: skip
    # The session rests: it comes back with the profile's name (direnv leaves its folder).
    kept = {name for name in ran.env if name.startswith("_DCTX_S")} - {"_DCTX_SHOWN"}
    assert kept == {"_DCTX_SESSION", "_DCTX_S_DOKPLOY_URL", "_DCTX_S_DOKPLOY_AUTH_TOKEN"}
    assert ran.env["_DCTX_SESSION"] == US.join(("staging", "", "staging", "prod", "", ""))


def test_prompt_marks_a_pair_changed_by_hand(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(
        loaded,
        "dctx staging",
        shell.export(KEY, "by-hand"),
        shell.prompt,
        shell.show(PROFILE, KEY, "DCTX_SEGMENT"),
        interactive=True,
    )
    assert ran.vars == {PROFILE: "staging", KEY: "by-hand", "DCTX_SEGMENT": "staging!"}


def test_prompt_marks_a_profile_that_is_gone(shell: Shell, config: Any, loaded: str) -> None:
    path = config("prod", "staging")
    ran = two_steps(shell, loaded, lambda: edit(path, lambda d: d["profiles"].pop("staging")))
    assert (ran.vars["DCTX_SEGMENT"], ran.vars[PROFILE]) == ("staging!", "staging")
    path.unlink()
    ran = two_steps(shell, loaded, lambda: None, first=shell.export(PROFILE, "x"))
    assert ran.vars["DCTX_SEGMENT"] == "?"


def test_rename_takes_the_terminal_along(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(
        loaded,
        "dctx prod",
        "dctx staging",
        "dctx rename staging acme",
        shell.show("?", PROFILE, URL, KEY),
        "dctx rename prod live",
        "dctx -",
        shell.show("?", PROFILE),
    )
    assert ran.shown[0] == {
        "?": "0", PROFILE: "acme", URL: "https://staging.example.com", KEY: "key-of-staging",
    }  # fmt: skip
    assert ran.shown[1] == {"?": "0", PROFILE: "live"}


@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_rename_under_a_session_that_cannot_follow_says_so_and_fails(
    shell: Shell, config: Any, loaded: str
) -> None:
    path = config("prod", "staging")
    ran = shell.run(
        loaded, "dctx staging", f"readonly {URL}", "dctx rename staging acme",
        shell.show("?", PROFILE, URL, KEY),
    )  # fmt: skip
    assert "acme" in json.loads(path.read_text())["profiles"]
    assert ran.vars == {
        "?": "1", PROFILE: "staging", URL: "https://staging.example.com", KEY: "key-of-staging",
    }  # fmt: skip
    assert f"{URL} is read-only in this shell" in ran.err


@pytest.mark.parametrize("protected", [True, False])
def test_key_stays_out_where_it_must(
    shell: Shell, config: Any, loaded: str, protected: bool
) -> None:
    config(prod={"protected": protected})
    env = {} if protected else {"DCTX_EXPORT_KEY": "0"}
    ran = shell.run(loaded, "dctx prod", shell.show("?", URL, KEY), shell.environ, env=env)
    assert ran.vars == {"?": "0", URL: "https://prod.example.com", KEY: "protected-by-dctx"}
    assert "key-of-prod" not in str(ran.env)
    ran = shell.run(evaluate(shell, "prod"), shell.show(URL, KEY), env=env)
    assert ran.vars == {URL: "https://prod.example.com", KEY: "protected-by-dctx"}


def test_key_from_a_program_is_in_the_session_only(
    shell: Shell, config: Any, loaded: str, home: Path
) -> None:
    vault = home / "vault"
    vault.write_text("#!/bin/sh\necho asked >>asked\necho key-from-vault\n")
    vault.chmod(0o755)
    config("prod", vaulted={"token": None, "tokenCommand": [str(vault)]})
    ran = shell.run(
        loaded,
        "dctx vaulted",
        shell.prompt,
        shell.prompt,
        shell.show("?", KEY, "DCTX_SEGMENT"),
        interactive=True,
    )
    assert ran.vars == {"?": "0", KEY: "key-from-vault", "DCTX_SEGMENT": "vaulted"}
    assert (home / "asked").read_text() == "asked\n"
    vault.write_text("#!/bin/sh\necho locked >&2\nexit 2\n")
    ran = shell.run(loaded, "dctx prod", "dctx vaulted", shell.show("?", PROFILE, KEY))
    assert ran.vars == {"?": "5", PROFILE: "prod", KEY: "key-of-prod"}


def test_trace_never_shows_a_key(shell: Shell, config: Any, loaded: str) -> None:
    command = ["printf", "key-of-vault"]
    path = config("prod", "staging", vaulted={"token": None, "tokenCommand": command})

    def rotate(data: dict[str, Any]) -> None:
        data["profiles"]["staging"]["token"] = "key-rotated"

    on, off = shell.trace
    ran = shell.run(
        on, loaded, "dctx staging", shell.prompt, "dctx vaulted", shell.prompt, "dctx -",
        shell.prompt, off,
        shell.show(KEY), interactive=True,
    )  # fmt: skip
    assert ran.vars == {KEY: "key-of-staging"}
    assert "key-of" not in ran.err + ran.out
    assert "dctx staging" in ran.err  # the trace itself was on
    outer = shell.run(loaded, "dctx staging", shell.environ)
    edit(path, rotate)
    ran = shell.run(loaded, on, shell.prompt, "dctx off", off, interactive=True, env=outer.env)
    assert "key-of" not in ran.err and "key-rotated" not in ran.err


def test_names_that_a_session_leaves_are_all_private(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod", "staging")
    names = shell.of(
        {
            "bash": "{ compgen -v; compgen -A function; }",
            "zsh": "print -l ${(k)parameters} ${(k)functions}",
            "fish": "begin; set -n; functions -an | string split ,; end",
        }
    )
    shell.run(
        shell.prompt,
        f"{names} >before",
        loaded,
        "dctx staging",
        shell.prompt,
        "dctx off",
        shell.prompt,
        f"{names} >after",
        interactive=True,
    )
    new = set(Path("after").read_text().split()) - set(Path("before").read_text().split())
    # What the shell itself keeps, the hook's place in it, and fish's own file of the mode prompt.
    new -= {"BASH_REMATCH", "PIPESTATUS", "_", "PROMPT_COMMAND", "precmd_functions", "psvar"}
    new -= {"preexec_functions", "zle_bracketed_paste"}  # zsh/zle
    new -= {"EPOCHSECONDS", "EPOCHREALTIME", "epochtime"}  # zsh/datetime
    new -= {"fish_mode_prompt", "fish_default_mode_prompt"}
    # _dctx…: zsh completes by functions of such names
    private = ("__dctx_", "_DCTX_", "DCTX_SEGMENT", "__test_", "_dctx")
    assert {n for n in new if not n.startswith(private)} <= {"dctx"}


@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_damaged_config_is_said_once(shell: Shell, config: Any, loaded: str) -> None:
    """By the command that met it first, and then by no prompt; or by the first prompt."""
    path = config("prod", "staging")
    ran = shell.run(
        loaded, shell.prompt, f"echo '{{' >{path}", "dctx list", shell.prompt, shell.prompt,
        interactive=True,
    )  # fmt: skip
    assert ran.err.count("not valid JSON") == 1, ran.err
    ran = shell.run(loaded, shell.prompt, shell.prompt, interactive=True)
    assert ran.err.count("not valid JSON") == 1, ran.err
