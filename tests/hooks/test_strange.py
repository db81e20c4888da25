# ruff: noqa: E501  (a setting or a hostile name is a line)
"""Whatever the user has set, the hook works and leaves it as it was."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import FIELDS

from ..shells import BASH, BASHES, FISH, HOOKED, POSIX, ZSH, Shell
from ..terminal import Terminal

PROFILE, URL, KEY = "DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY"

# A line per setting, put before the hook is loaded.
SETTINGS = {
    "bash": [
        "set -u", "set -e", "set -f", "set -o noclobber", "set -o posix", "set -a", "set -b",
        "IFS=:/x", "IFS=", "IFS=$'\\x1f'", "shopt -s nullglob", "shopt -s failglob",
        "shopt -s extglob", "shopt -s nocasematch", "shopt -s dotglob", "shopt -s xpg_echo",
        "GLOBIGNORE='*'", "LC_ALL=C", "LC_ALL=C.UTF-8", "POSIXLY_CORRECT=1",
        "shopt -u sourcepath", "shopt -u promptvars",
        "shopt -s expand_aliases; alias export=false local=false read=false printf=false '[=false' '[[=false' case=false if=false",
    ],
    "zsh": [
        "set -u", "set -e", "set -f", "setopt no_clobber", "IFS=:/x", "IFS=", "IFS=$'\\x1f'",
        "setopt null_glob", "setopt csh_null_glob", "setopt ksh_arrays", "setopt sh_word_split",
        "setopt glob_subst", "setopt warn_create_global", "setopt warn_nested_var",
        "setopt extended_glob", "setopt no_glob", "setopt no_nomatch", "setopt ksh_glob",
        "setopt no_equals", "setopt rc_quotes", "setopt no_prompt_percent", "setopt prompt_subst",
        "setopt posix_builtins", "setopt no_unset", "setopt err_return", "setopt all_export",
        "setopt no_multios", "setopt no_bare_glob_qual", "setopt typeset_silent", "LC_ALL=C",
        "setopt no_case_match", "setopt path_dirs", "setopt auto_cd", "setopt ignore_braces",
        "alias export=false local=false read=false printf=false '[=false' '[[=false'",
    ],
    "fish": [
        "set -U DOKPLOY_URL universal", "set -U DCTX_ORG universal", "set -gx LC_ALL C",
        "set -g IFS ''", "set -g fish_term24bit 0", "alias count false",
        "abbr -a dctx false", "set -g status_was 1",
    ],
}  # fmt: skip
OPTIONS = {
    "bash": 'set +o; shopt -p; alias; echo "[$IFS]" "[${GLOBIGNORE-}]"',
    "zsh": 'setopt; unsetopt; alias; print -r -- "[$IFS]"',
    "fish": "set -U | string match -r '^(DOKPLOY|DCTX).*'; abbr; echo \"[$IFS]\"",
}


def settings() -> list[Any]:
    """Return a parameter per shell and setting."""
    return [
        pytest.param(shell, line, id=f"{shell}-{line[:40]}")
        for shell in HOOKED
        for line in SETTINGS.get(shell.dialect, ["no settings"])
    ]


@pytest.mark.parametrize("shell,line", settings(), indirect=["shell"])  # noqa: PT006
def test_hook_works_under_any_setting(
    shell: Shell, line: str, config: Any, loaded: str, tmp_path: Path
) -> None:
    config("prod", staging={"organization": {"id": "-o", "name": "Acme $(id) `id` %n"}})
    (tmp_path / "home" / ".env").write_text("A=1\n")
    note = shell.of(OPTIONS)
    ran = shell.run(
        line,
        f"{shell.group(note)} >before 2>&1",
        loaded,
        shell.prompt,
        "dctx staging",
        shell.show("?", PROFILE, URL, KEY, "DCTX_ORG", "DCTX_SEGMENT"),
        shell.prompt,
        "dctx prod",
        "dctx -",
        shell.prompt,
        shell.show("?", PROFILE, "DCTX_SEGMENT"),
        "dctx off",
        shell.prompt,
        shell.show("?", PROFILE, KEY, "DCTX_SEGMENT"),
        shell.set(KEY, "mine"),  # not exported
        "dctx staging",
        "dctx off",
        shell.prompt,
        shell.show("?", PROFILE, KEY, "DCTX_SEGMENT"),
        f"{shell.group(note)} >after 2>&1",
        interactive=shell.needs_interactive,
    )
    segment = "staging:Acme $(id) `id` %n"
    assert ran.shown == [
        {"?": "0", PROFILE: "staging", URL: "https://staging.example.com", KEY: "key-of-staging",
         "DCTX_ORG": "Acme $(id) `id` %n", "DCTX_SEGMENT": segment},
        {"?": "0", PROFILE: "staging", "DCTX_SEGMENT": segment},
        {"?": "0", PROFILE: None, KEY: None, "DCTX_SEGMENT": "prod"},
        {"?": "0", PROFILE: None, KEY: "mine", "DCTX_SEGMENT": "prod"},
    ]  # fmt: skip
    assert ran.code == 0
    if shell.needs_interactive:  # the others print their prompt like any text
        assert ran.out == ""
    ours = ("Switched to ", "Back on ")
    assert [row for row in ran.err.splitlines() if not row.startswith(ours)] == []
    home = tmp_path / "home"
    before, after = (
        (home / n).read_text(errors="replace").splitlines() for n in ("before", "after")
    )
    ignored = ("dctx", "_dctx", "fish_mode_prompt", "__test")
    assert [row for row in after if not row.startswith(ignored)] == [
        row for row in before if not row.startswith(ignored)
    ]


# What bash lets a function be called, and zsh; there the declarations are words of the grammar.
BUILTINS = {
    "bash": [
        ".", ":", "cd", "command", "compgen", "complete", "declare", "echo", "eval", "exit", "export",
        "local", "printf", "read", "return", "set", "shift", "shopt", "source", "test", "trap", "true", "type",
        "unset",
    ],
    "zsh": [
        ".", ":", "cd", "command", "echo", "emulate", "eval", "export", "local", "print", "printf", "read",
        "return", "set", "setopt", "shift", "source", "sysread", "test", "trap", "true", "typeset", "unset",
        "whence", "zle", "zmodload",
    ],
    "fish": ["cd", "echo", "printf", "count", "math"],
}  # fmt: skip


def hijacked(shell: Shell, mode: str = "") -> list[str]:
    """Return the lines that make a function of each built-in that a function can replace."""
    # In its POSIX mode bash refuses those of its special built-ins.
    special = [
        ".",
        ":",
        "eval",
        "exit",
        "export",
        "return",
        "set",
        "shift",
        "source",
        "trap",
        "unset",
    ]
    names = [n for n in shell.of(BUILTINS) if not mode or n not in special]
    make = shell.of(
        {
            "bash": "function {} {{ builtin echo HIJACKED; }}",
            "zsh": "function {} {{ builtin echo HIJACKED; }}",
            "fish": "function {}; echo HIJACKED; end",
        }
    )
    return [make.format(name) for name in names]


@pytest.mark.parametrize("mode", ["", "set -o posix"])
def test_functions_named_like_builtins(
    shell: Shell, config: Any, data_home: Path, mode: str
) -> None:
    if mode and shell not in BASHES:
        pytest.skip("a mode of bash's")
    config("prod", "staging")
    draw = shell.of({"bash": "__dctx_prompt", "zsh": "__dctx_precmd", "fish": "true"})
    tab = (
        'COMP_LINE="dctx st" COMP_POINT=7; __dctx_complete dctx st dctx; builtin echo "$COMPREPLY"'
    )
    ran = shell.run(
        *[mode] * bool(mode),
        shell.export(URL, "https://mine.example.com"),
        *hijacked(shell, mode),
        f"builtin {shell.source(data_home / f'hook.{shell.dialect}')}",
        draw,
        "dctx staging", draw, shell.show("?", PROFILE, KEY, "DCTX_SEGMENT"),
        "dctx nosuch", shell.show("?"), "dctx -", "dctx prod", draw,
        *[tab] * (shell in BASHES),
        "dctx off", draw, shell.show("?", PROFILE, URL),
        interactive=shell.needs_interactive,
    )  # fmt: skip
    assert "HIJACKED" not in ran.out + ran.err
    assert ran.shown == [
        {"?": "0", PROFILE: "staging", KEY: "key-of-staging", "DCTX_SEGMENT": "staging"},
        {"?": "3"},
        {"?": "0", PROFILE: None, URL: "https://mine.example.com"},
    ]
    assert ran.out == ("staging\n" if shell in BASHES else "")


@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_functions_named_like_builtins_beside_widgets(
    shell: Shell, config: Any, home: Path, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod")
    (home / "project").mkdir()
    (home / "project" / ".env").write_text("DOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n")
    go = "go() { builtin cd ~/project; builtin zle reset-prompt }; builtin zle -N go; bindkey '^G' go"
    # The test's own lines need the others.
    names = (".", "emulate", "return", "setopt", "trap", "zle", "zmodload")
    lines = [f"function {name} {{ builtin echo HIJACKED; }}" for name in names]
    term = terminal(shell, hook=False, rc=[*lines, loaded, go])
    assert term.prompt == "~(prod) READY> "
    term.type("\x07")
    term.wait(lambda: term.prompt == "(env:h.example.com) READY> ", "the segment of the new folder")
    assert "HIJACKED" not in term.screen


HOSTILE = [
    "$(touch pwned)", "`touch pwned`", "'; touch pwned; '", '"; touch pwned; "', "%n%m%{$(id)%}",
    "\\$(touch pwned)", "\x1b]0;pwned\x07\x1b[31m", "a\nb; touch pwned\n", "\u202elive\u2066",
    "-rf ~", "!!", "a\x1fb\x1fc", "${IFS}", "%91v", "\\e[31m\\n\\w", "名前の長い組織です本当に長いのです", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_organization_name_is_only_text(
    shell: Shell, config: Any, loaded: str, home: Path, text: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod", evil={"organization": {"id": text, "name": text}})
    subst = ["setopt prompt_subst"] if shell is ZSH else []
    term = terminal(shell, hook=False, rc=[*subst, loaded])
    term.line("dctx evil 2>/dev/null")
    assert not (home / "pwned").exists()
    prompt = term.prompt
    assert prompt.startswith("(evil:") and prompt.endswith(") READY> "), prompt
    label = prompt[len("(evil:") : -len(") READY> ")]
    assert all(c.isprintable() for c in label)
    assert b"\x1b]0;pwned" not in term.raw and b"\xe2\x80\xae" not in term.raw
    from dokploy_ctx.text.foreign import cut

    assert label.rstrip() == cut(text).rstrip()


KEYS = [
    "k'\"\\ $(touch pwned) `touch pwned`",
    "-n",
    "k\\n%s\\x1b",
    "!!",
    "clé-ñ-中",
    "a b  c",
    "*",
    "~",
    "=ls",  # zsh: the path of ls
    "a:~:=ls",
]


@pytest.mark.parametrize("road", ["quick", "core", "env"])
@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_key_and_url_arrive_whole(
    shell: Shell, config: Any, loaded: str, home: Path, key: str, road: str
) -> None:
    url = "https://h.example.com/a'b$(touch${IFS}pwned)`x`\"*[a]~:=ls"
    path = config("prod", evil={"url": url, "token": key, "organization": {"name": key}})
    if road == "core":
        path.touch()  # in this second only the core can tell
    line = (
        shell.evaluate(f"dctx env evil --shell {shell.dialect}") if road == "env" else "dctx evil"
    )
    ran = shell.run(loaded, line, shell.show("?", URL, KEY, "DCTX_ORG"))
    assert ran.vars == {"?": "0", URL: url, KEY: key, "DCTX_ORG": key}
    assert not (home / "pwned").exists()


@pytest.mark.parametrize("key", ["line1\nline2", "tab\there", "\x1f", "\x1b[31m"], ids=repr)
def test_key_that_cannot_stand_in_a_line_arrives_by_the_core(
    shell: Shell, config: Any, loaded: str, key: str
) -> None:
    path = config("prod", evil={"token": key})
    ran = shell.run(loaded, "dctx evil", shell.show("?", KEY))
    assert ran.vars == {"?": "0", KEY: key}
    record = (path.parent / "index" / "evil").read_text().rstrip("\n").split("\x1f")
    held = dict(zip(FIELDS, record, strict=True))
    assert (held["session_key"], held["key"], held["ask"]) == ("", "", "1")


NAMES = [
    "$(touch pwned)",
    "`touch pwned`",
    "a b",
    "../../x",
    "-rf",
    "a\nb",
    "\x1b[31mred",
    "ü",
    "..",
    ".current",
    "*",
    "a'b\"c",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_foreign_name_is_usable_and_harmless(
    shell: Shell, config: Any, loaded: str, home: Path, name: str, dctx: Callable[..., Any]
) -> None:
    config("prod", **{name: {"url": "https://f.example.com", "token": "k-foreign"}})
    listed = dctx("list")
    assert listed.code == 0
    assert all(c.isprintable() or c == "\n" for c in listed.out)
    ran = shell.run(loaded, f"dctx -- {shell.quote(name)}", shell.show("?", PROFILE, KEY),
                    shell.prompt, shell.show("DCTX_SEGMENT"), interactive=True)  # fmt: skip
    assert ran.shown[0] == {"?": "0", PROFILE: name, KEY: "k-foreign"}
    # Shown is what is made of harmless letters alone.
    assert ran.vars["DCTX_SEGMENT"] == (name if name in ("-rf", "..", ".current") else "?")
    done = dctx("exec", "--", name, "printenv", "DOKPLOY_API_KEY")
    assert (done.code, done.out) == (0, "k-foreign\n")
    assert dctx("rename", "--", name, "fine").code == 0
    assert dctx("remove", "fine").code == 0
    assert not (home / "pwned").exists()
    assert sorted(n for n in os.listdir(home / ".dokploy" / "index") if not n.startswith(".")) == [
        "prod"
    ]


def test_names_equal_but_for_case_are_both_usable(
    shell: Shell, config: Any, loaded: str, home: Path
) -> None:
    config(prod={}, Prod={"url": "https://upper.example.com"})
    ran = shell.run(loaded, "dctx Prod", shell.show(URL), "dctx prod", shell.show(URL),
                    shell.prompt, shell.show("DCTX_SEGMENT"), interactive=True)  # fmt: skip
    assert ran.shown == [{URL: "https://upper.example.com"}, {URL: "https://prod.example.com"}, {"DCTX_SEGMENT": "prod"}]  # fmt: skip


def test_hook_sourced_twice_installs_once(shell: Shell, config: Any, loaded: str) -> None:
    config("prod")
    show = shell.of(
        {
            "bash": 'echo "${PROMPT_COMMAND[@]}"',
            "zsh": "echo $precmd_functions",
            "fish": "echo $PATH",
        }
    )
    lines = [f"{show} >seen", "echo $PATH >>seen"]
    shell.run(loaded, shell.prompt, *lines, interactive=True)
    once = Path("seen").read_text()
    shell.run(loaded, shell.prompt, loaded, shell.prompt, *lines, interactive=True)
    assert once == Path("seen").read_text() != ""


def test_path_stays_first_and_never_grows(
    shell: Shell, config: Any, loaded: str, data_home: Path
) -> None:
    config("prod")
    lines = [shell.prepend("/opt/nvm/bin"), shell.prompt] * 3
    ran = shell.run(loaded, *lines, shell.environ, interactive=True)
    folders = ran.env["PATH"].split(":")
    assert folders[:2] == [str(data_home / "shims"), "/opt/nvm/bin"]
    assert folders.count(str(data_home / "shims")) == 1


@pytest.mark.parametrize("folder", ["with space", "ünï-中", "quo'te\"d $(id)"])
def test_home_of_any_name(shell: Shell, tmp_path: Path, folder: str) -> None:
    home = tmp_path / folder
    (home / ".dokploy").mkdir(parents=True, mode=0o700)
    entry = {"url": "https://x.example.com", "token": "k"}
    (home / ".dokploy" / "config.json").write_text(json.dumps({"profiles": {"x": entry}}))
    ran = shell.run(shell.hook, "dctx x", shell.show("?", KEY), "dctx list", "dctx off",
                    shell.show("?", KEY), env={"HOME": str(home)})  # fmt: skip
    assert ran.shown == [{"?": "0", KEY: "k"}, {"?": "0", KEY: None}]
    assert "* x " in ran.out


def test_home_that_is_missing_or_read_only(
    shell: Shell, home: Path, loaded: str, config: Any
) -> None:
    ran = shell.run(
        loaded,
        shell.prompt,
        shell.show("DCTX_SEGMENT"),
        env={"HOME": str(home / "nowhere")},
        interactive=True,
    )
    assert (ran.code, ran.err, ran.vars) == (0, "", {"DCTX_SEGMENT": None})
    path = config("prod", "staging")
    path.parent.chmod(0o500)
    try:
        ran = shell.run(
            loaded,
            shell.prompt,
            shell.prompt,
            "dctx staging",
            shell.show("?", KEY),
            shell.prompt,
            shell.show("DCTX_SEGMENT"),
            "dctx use staging",
            shell.show("?"),
            interactive=True,
        )
    finally:
        path.parent.chmod(0o700)
    # Without an index the core reads config.json itself.
    assert ran.shown == [{"?": "0", KEY: "key-of-staging"}, {"DCTX_SEGMENT": "staging"}, {"?": "1"}]
    assert ran.err.count("index") + ran.err.count("read-only") <= 3


def test_no_config_starts_nothing_and_says_nothing(shell: Shell, loaded: str, home: Path) -> None:
    ran = shell.run(
        loaded, shell.prompt, shell.prompt, shell.show("DCTX_SEGMENT"), interactive=True
    )
    assert (ran.err, ran.vars) == ("", {"DCTX_SEGMENT": None})
    assert not (home / ".dokploy").exists()


def test_unwritable_index_is_asked_for_once_per_change(
    shell: Shell, config: Any, data_home: Path, home: Path, loaded: str
) -> None:
    path = config("prod", "staging", compiled=False)
    (path.parent / "index").write_text("a file, not a folder")
    ran = shell.run(loaded, *[shell.prompt] * 5, shell.show("DCTX_SEGMENT"), interactive=True)
    assert ran.vars == {"DCTX_SEGMENT": "prod"}
    assert ran.err.count("\n") == 1 and "is not a folder that dctx made" in ran.err


def test_core_that_is_gone_is_told_once(
    shell: Shell, config: Any, data_home: Path, home: Path
) -> None:
    config("prod", "staging", compiled=False)
    hook = (data_home / f"hook.{shell.dialect}").read_text()
    program = subprocess.run([data_home / "shims" / "dokploy", "profiles"], capture_output=True)
    assert program.returncode == 0
    gone = [shell.set("__dctx_bin", "/gone/dctx")]
    ran = shell.run(
        shell.source(data_home / f"hook.{shell.dialect}"), *gone,
        *[shell.prompt] * 3, "dctx staging", shell.show("?", PROFILE), "dctx list", shell.show("?"),
        interactive=True,
    )  # fmt: skip
    assert hook
    assert ran.shown == [{"?": "1", PROFILE: None}, {"?": "1"}]
    assert " ".join(ran.err.split()).count("/gone/dctx does not exist. Install dctx again") == 3


def test_exported_pair_reaches_a_clean_nested_shell(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    outer = shell.run(loaded, "dctx staging", shell.environ)
    plain = BASH.run(BASH.show(PROFILE, URL, KEY), env=outer.env)
    assert plain.vars == {PROFILE: "staging", URL: "https://staging.example.com", KEY: "key-of-staging"}  # fmt: skip
    inner = shell.run(
        loaded,
        shell.prompt,
        shell.show("DCTX_SEGMENT"),
        "dctx off",
        shell.show(PROFILE),
        env=outer.env,
        interactive=True,
    )
    assert inner.shown == [{"DCTX_SEGMENT": "staging"}, {PROFILE: None}]


@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_allexport_sends_no_key_to_children(shell: Shell, config: Any, loaded: str) -> None:
    """`set -a; . ./.env; set +a` is a common way to load a `.env`, here over three prompts."""
    config("prod", staging={"protected": True})
    ran = shell.run(
        "set -a",
        loaded,
        "set +a",
        shell.prompt,
        "dctx staging",
        "set -a",
        shell.prompt,
        "dctx prod",
        "dctx staging",
        shell.prompt,
        "printf 'DOKPLOY_URL=https://h\\nDOKPLOY_API_KEY=key-of-env\\n' >.env; dctx off",
        shell.prompt,
        "set +a",
        shell.environ,
        "dctx staging",
        shell.prompt,
        shell.environ,
        interactive=True,
    )
    for environ in ran.environs:
        assert not [name for name in environ if "__dctx" in name]
        assert "key-of" not in str(environ)


@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_set_e_and_an_err_trap_do_not_hear_of_the_prompt(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod")
    term = terminal(shell, hook=False, rc=[loaded])
    trap = "trap 'echo HEARD' ERR" if shell in BASHES else "TRAPZERR() { echo HEARD; }"
    term.line(trap)
    # Before 5.1 bash has no list, and the prompt's last command gives the user's status back.
    times = 2 if shell.name == "bash-3.2" else 1
    assert term.line("false").count("HEARD") == times
    if shell in BASHES:  # in zsh, `set -e` ends any terminal whose command fails
        term.line("trap - ERR; set -e")
        term.line("[[ a == b ]] && echo x")
        assert term.line("echo still here") == "still here"


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
def test_nocasematch_takes_no_name_for_another(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(
        loaded,
        "shopt -s nocasematch",
        "dctx staging",
        shell.prompt,
        shell.export(PROFILE, "STAGING"),
        shell.prompt,
        shell.show(PROFILE, URL, "DCTX_SEGMENT"),
        "shopt nocasematch",
        interactive=True,
    )
    assert ran.vars == {PROFILE: "STAGING", URL: None, "DCTX_SEGMENT": "?"}
    assert ran.out == "nocasematch    \ton\n"


@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
def test_list_is_not_exported(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(
        loaded, f"{PROFILE}=(staging prod); export {PROFILE}", shell.prompt,
        shell.show("DCTX_SEGMENT"), interactive=True,
    )  # fmt: skip
    assert ran.vars == {"DCTX_SEGMENT": "prod"}


def test_hook_loaded_again_knows_the_profile_before(shell: Shell, config: Any, loaded: str) -> None:
    config("prod", "staging")
    ran = shell.run(loaded, "dctx prod", "dctx staging", loaded, "dctx -", shell.show(PROFILE))
    assert ran.vars == {PROFILE: "prod"}


def test_hook_loaded_twice_is_no_failure(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    """A prompt that shows the last status shows that of the start-up file; `set -e` ends there."""
    config("prod")
    status = "$status" if shell is FISH else "$?"
    careful = [] if shell is FISH else ["set -e"]
    rc = [*careful, loaded, loaded, f"echo loaded {status}"]
    term = terminal(shell, hook=False, rc=rc)
    assert "loaded 0" in term.screen
    assert term.prompt == "~(prod) READY> "
