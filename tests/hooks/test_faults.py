"""What must not harm a hook: hostile files, a user's settings, other shells; and its keys.

Each of these was seen to go wrong once. For bash and zsh; fish's own are in test_fish.py.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ..shells import (
    BASHES,
    BY_DIALECT,
    HOOKED,
    PLAIN,
    POSIX,
    ZSH,
    Shell,
)

PROFILE, URL, KEY = "DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY"
posix = pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
SUBSHELL = "dctx: this is a subshell, so the terminal was not switched."


# ---- The wrong shell, the wrong place ----


@pytest.mark.parametrize(
    ("other", "dialect"),
    [
        pytest.param(other, dialect, id=f"{other}-{dialect}")
        for other in (*HOOKED, *PLAIN)
        for dialect, shell in BY_DIALECT.items()
        if other.dialect != dialect and other.reads_sh and shell.reads_sh
    ],
)
def test_hook_refuses_another_shell_in_one_line(
    other: Shell, dialect: str, data_home: Path, home: Path
) -> None:
    file = other.quote(str(data_home / f"hook.{dialect}"))
    ran = other.run(other.set("mine", "still here"), f". {file}", other.show("mine"), other.environ)
    assert (ran.code, ran.out, ran.vars) == (0, "", {"mine": "still here"})
    assert not [name for name in ran.env if name.startswith(("DCTX", "_DCTX", "__dctx"))]
    assert ran.err == f"dctx: this file is for {dialect}. Run: dctx install\n"


@posix
def test_switch_in_a_subshell_says_that_the_terminal_stays(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod", "staging")
    places = ["(dctx staging)", "dctx staging | cat", ": $(dctx staging)", "dctx staging & wait"]
    for place in places:
        ran = shell.run(loaded, place, shell.show(PROFILE))
        assert ran.vars == {PROFILE: None}
        assert ran.err.startswith(SUBSHELL) and ran.err.count("dctx: ") == 1, (place, ran.err)
    # What runs in that subshell runs as the profile.
    ran = shell.run(loaded, f"(dctx staging; {shell.show('?', PROFILE)})")
    assert ran.vars == {"?": "0", PROFILE: "staging"}


@posix
def test_help_behind_the_dash_is_help(shell: Shell, config: Any, loaded: str) -> None:
    config("prod")
    ran = shell.run(loaded, "dctx - -h", shell.show("?"))
    assert ran.vars == {"?": "0"} and "Usage: dctx switch" in ran.out
    assert "not loaded" not in ran.err


# ---- Hostile files ----


@posix
@pytest.mark.parametrize(
    "text",
    [
        b"DOKPLOY_X=1\n" * 20_000,
        b"DOKPLOY_URL=https://h.example.com\n" * 5_000 + b"DOKPLOY_API_KEY=k\n",
        b"A=1\n" * 262_144,
        b"\0" * 100_000 + b"\nDOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n",
        b"x" * 3_000_000 + b"\nDOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n",
        b"=" * 65_536,
    ],
    ids=["lines", "a pair", "1 MiB", "NULs", "3 MB", "64 KiB"],
)
def test_prompt_beside_a_hostile_env_is_quick_and_right(
    shell: Shell, config: Any, loaded: str, text: bytes
) -> None:
    """Twenty prompts: one of them once took 11 s."""
    config("prod")
    Path(".env").write_bytes(text)
    ran = shell.run(loaded, *[shell.prompt] * 20, shell.show("DCTX_SEGMENT"), interactive=True)
    pair = b"DOKPLOY_API_KEY" in text
    assert ran.vars == {"DCTX_SEGMENT": "env:h.example.com" if pair else "prod"}
    assert ran.err == ""


@posix
@pytest.mark.parametrize("what", ["FIFO", "folder", "device", "unreadable", "dangling"])
def test_what_is_no_file_is_no_env(shell: Shell, config: Any, loaded: str, what: str) -> None:
    config("prod", "staging")
    env = Path(".env")
    if what == "FIFO":
        os.mkfifo(env)
    elif what == "folder":
        env.mkdir()
    elif what == "device":
        env.symlink_to("/dev/zero")
    elif what == "dangling":
        env.symlink_to("nowhere")
    else:
        env.write_text("DOKPLOY_X=1\n")
        env.chmod(0)
    ran = shell.run(
        loaded, shell.prompt, "dctx staging", "dctx off", shell.prompt, shell.show("DCTX_SEGMENT"),
        interactive=True, timeout=30,
    )  # fmt: skip
    assert ran.vars == {"DCTX_SEGMENT": "prod"}


@posix
@pytest.mark.parametrize(
    "due",
    [
        "x[$(touch pwned)]",
        "$(touch pwned)",
        "1+path[`x`]",
        "1+PATH[`x`]",
        "a[0]",
        "9" * 40,
        "-1",
        "08",
    ],
)
def test_field_of_the_index_is_never_evaluated(
    shell: Shell, config: Any, loaded: str, home: Path, due: str
) -> None:
    from dokploy_ctx.constants import CURRENT_FIELDS, FIELDS, SEPARATOR

    config("prod", "staging")
    (home / "bin").mkdir()
    (home / "bin" / "x").write_text(f"#!/bin/sh\ntouch {Path.cwd()}/pwned\necho 1\n")
    (home / "bin" / "x").chmod(0o755)
    index = home / ".dokploy" / "index"
    for name, fields in (("staging", FIELDS), (".current", CURRENT_FIELDS)):
        values = (index / name).read_text().rstrip("\n").split(SEPARATOR)
        values[fields.index("due")] = due
        (index / name).write_text(SEPARATOR.join(values) + "\n")
    ran = shell.run(
        loaded, shell.prompt, shell.prompt, "dctx staging", shell.prompt, shell.prompt,
        shell.show(PROFILE), "dctx off", shell.export(PROFILE, "staging"), shell.prompt,
        shell.show("DCTX_SEGMENT"), interactive=True,
        env={"PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert not Path("pwned").exists()
    assert ran.shown == [{PROFILE: "staging"}, {"DCTX_SEGMENT": "staging"}]
    for said in ("arithmetic", "value too great", "truncated"):
        assert said not in ran.err


# ---- Variables that others own ----

OWNED_BY_OTHERS = {
    "bash": ["PS1", "PROMPT_COMMAND", "PATH", "PS2"],
    "zsh": ["PS1", "PROMPT", "PATH", "psvar", "precmd_functions", "preexec_functions"],
}


@posix
def test_readonly_variable_of_the_prompt_costs_no_error_and_no_option(
    shell: Shell, config: Any, data_home: Path
) -> None:
    config("prod", "staging")
    file = shell.quote(str(data_home / f"hook.{shell.dialect}"))
    for name in shell.of(OWNED_BY_OTHERS):
        for where in ("before", "after"):
            fix = f"readonly {name}"
            if shell.dialect == "zsh" and name.endswith("s"):
                fix = f"typeset -gra {name}; readonly {name}"
            load = [fix, f"source {file}"] if where == "before" else [f"source {file}", fix]
            run = "__dctx_prompt" if shell.dialect == "bash" else "__dctx_precmd"
            ran = shell.run(
                "PATH=/opt/first:$PATH", *load, "set -a", *[run] * 3, "dctx staging", run,
                'case $- in *a*) echo "still a";; esac', shell.show("DCTX_SEGMENT"),
                interactive=True,
            )  # fmt: skip
            assert ran.err == "Switched to staging (https://staging.example.com)\n", (name, where)
            assert (ran.out, ran.vars) == ("still a\n", {"DCTX_SEGMENT": "staging"})


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
def test_prompt_command_in_a_child_without_the_hook_is_nothing(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod")
    ran = shell.run("export PROMPT_COMMAND=:", loaded, shell.environ, interactive=True)
    child = shell.run(
        'eval "$PROMPT_COMMAND"',
        shell.show("?"),
        env={"PROMPT_COMMAND": ran.env.get("PROMPT_COMMAND")},
    )
    assert (child.err, child.vars) == ("", {"?": "0"})


# ---- Keys ----


@posix
@pytest.mark.parametrize("kind", ["plain", "protected", "vault"])
def test_no_variable_keeps_a_key_and_no_child_gets_one(
    shell: Shell, config: Any, loaded: str, kind: str
) -> None:
    own = {"plain": {}, "protected": {"protected": True},
           "vault": {"token": None, "tokenCommand": ["echo", "key-of-secret"]}}[kind]  # fmt: skip
    config("prod", secret=own, default={"protected": True})
    names = "r_key r_session_key a_key now seen k_seen kept env text"
    dump = "set; declare -p" if shell.dialect == "bash" else "set; typeset -p"
    ran = shell.run(
        *[shell.export(f"__dctx_{name}", "") for name in names.split()],
        loaded,
        shell.prompt,
        "dctx secret",
        shell.environ,
        shell.prompt,
        shell.environ,
        "dctx default",
        shell.prompt,
        f"{{ {dump}; }} >switched",
        shell.environ,
        "dctx off",
        shell.prompt,
        f"{{ {dump}; }} >after",
        interactive=True,
    )
    session = {KEY, "_DCTX_SESSION"} if kind != "protected" else set()
    for environ in ran.environs[:2]:
        assert {name for name in environ if "key-of" in environ[name]} == session
    assert not [name for name, value in ran.environs[2].items() if "key-of" in value]
    for file in ("switched", "after"):
        text = Path(file).read_text(errors="replace")
        assert "key-of-default" not in text and "key-of-prod" not in text
        assert "key-of-secret" not in text, file


@posix
@pytest.mark.parametrize("kind", ["plain", "vault"])
def test_trace_shows_no_key(shell: Shell, config: Any, loaded: str, kind: str) -> None:
    secret = {"token": None, "tokenCommand": ["sh", "-c", "printf key-of; printf %s -secret"]}
    config("prod", secret=secret if kind == "vault" else {})
    trap = (
        "trap 'echo \"at: $BASH_COMMAND\" >&2' DEBUG; set -T"
        if shell.dialect == "bash"
        else 'TRAPDEBUG() { builtin print -r -- "at: $ZSH_DEBUG_CMD" >&2 }'
    )
    ran = shell.run(
        loaded, "PS4='+ ${DOKPLOY_PROFILE-} '", "set -x", shell.prompt, "dctx secret",
        shell.prompt, "dctx -", shell.prompt, "set +x", trap, "dctx secret", shell.prompt,
        "dctx off", shell.prompt,
        interactive=True,
    )  # fmt: skip
    assert "dctx secret" in ran.err
    assert "key-of" not in ran.err + ran.out


# ---- Leaving ----


@posix
def test_session_comes_back_after_a_direnv_folder(shell: Shell, config: Any, loaded: str) -> None:
    """direnv gives DOKPLOY_PROFILE back as it was, and knows of nothing else."""
    config("prod", "staging", "client")
    folder = [shell.export(PROFILE, "client"), shell.prompt, shell.show("DCTX_SEGMENT", KEY)]
    back = [shell.export(PROFILE, "staging"), shell.prompt, shell.show("DCTX_SEGMENT", KEY)]
    ran = shell.run(
        loaded, "dctx staging", *folder, *back, "dctx off", shell.prompt,
        shell.show("DCTX_SEGMENT", PROFILE, KEY), "dctx -", *folder, *back, "dctx prod", "dctx -",
        shell.show(PROFILE, KEY), shell.environ, interactive=True,
    )  # fmt: skip
    inside = {"DCTX_SEGMENT": "client", KEY: None}
    again = {"DCTX_SEGMENT": "staging", KEY: "key-of-staging"}
    assert ran.shown == [
        inside, again, {"DCTX_SEGMENT": "prod", PROFILE: None, KEY: None},
        inside, again, {PROFILE: "staging", KEY: "key-of-staging"},
    ]  # fmt: skip
    assert not [name for name in ran.env if name.startswith("_DCTX_S_")]


# ---- Sourced twice ----


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
def test_completion_of_dokploy_that_the_user_has_stays(
    shell: Shell, config: Any, loaded: str
) -> None:
    config("prod")
    words = "complete -W 'one two' dokploy"
    ran = shell.run(words, loaded, loaded, "complete -p dokploy", interactive=True)
    assert ran.out == f"{words}\n"
    mine = ["_mine() { COMPREPLY=(of-mine); }", "complete -o nospace -F _mine dokploy"]
    tab = "COMP_LINE='dokploy x' COMP_POINT=9 COMP_CWORD=1 COMP_WORDS=(dokploy x)"
    ran = shell.run(
        *mine, loaded, loaded, f"{tab}; __dctx_dokploy dokploy x dokploy; echo ${{COMPREPLY[@]}}",
        "complete -p dokploy", interactive=True,
    )  # fmt: skip
    assert ran.out == "of-mine\ncomplete -o nospace -F __dctx_dokploy dokploy\n"


def test_files_that_a_hook_is_made_of_pass_the_shells_own_check(data_home: Path) -> None:
    for shell in (*BASHES, ZSH):
        for file in data_home.glob(f"*.{shell.dialect}"):
            command = [str(shell.command[0]), "-n", str(file)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            assert (done.returncode, done.stderr) == (0, ""), file
