"""A protected profile: every way to change something needs its name typed."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import SENTINEL
from tests.standin import Seen, StandIn

from ..alone import alone
from ..shells import BASH, Ran, Shell
from ..terminal import CTRL_C, CTRL_D, ENTER, Terminal

CHANGE = "application delete --applicationId app1"
QUESTION = 'Type "prod" to run: dokploy application delete ...:'
REFUSED = (
    "dctx: prod is protected and there is no terminal to ask on, so nothing was done. "
    "To run: dokploy application delete ..., set DCTX_YES=prod\n"
)


@dataclass(frozen=True)
class Place:
    """Two panels: `right` is that of prod, which is protected, `other` that of staging."""

    right: StandIn
    other: StandIn
    home: Path
    real: Path

    @property
    def key(self) -> str:
        """Return the key of prod."""
        return self.right.key_of("Acme")

    def run(self, *lines: str, hook: bool = True, **options: object) -> Ran:
        """Run the lines in bash without a terminal; $real and $change are set."""
        given = [f"real={shlex.quote(str(self.real))}", f"change={shlex.quote(CHANGE)}"]
        return BASH.run(*([BASH.hook] if hook else []), *given, *lines, **options)  # type: ignore[arg-type]

    def assert_untouched(self) -> None:
        """No panel was asked anything with a real key, and the other one nothing at all."""
        assert self.other.requests == ()
        assert {seen.key for seen in self.right.requests} <= {SENTINEL}


@pytest.fixture
def place(
    panel: StandIn, home: Path, config: Callable[..., Path], official_cli: Path
) -> Iterator[Place]:
    with StandIn.seeded() as other:
        config(
            staging={"url": other.url, "token": other.key_of("Acme")},
            prod={"url": panel.url, "token": panel.key_of("Acme"), "protected": True},
        )
        yield Place(panel, other, home, official_cli)


# Every way to a command that changes something. Refused: exit 6, and no request. Answered: the
# right panel says 401 to the word that stands in the key's place.

REFUSED_WAYS = {
    "switched": ["dctx prod", "dokploy $change"],
    "the name on stdin": ["dctx prod", "echo prod | dokploy $change"],
    "many names on stdin": ["dctx prod", "yes prod 2>/dev/null | head -99 | dokploy $change"],
    "no stdin": ["dctx prod", "dokploy $change <&-"],
    "in the background": ["dctx prod", "dokploy $change & wait $!"],
    "nested shell": ["dctx prod", 'bash -c "dokploy $change"'],
    "nested sh": ["dctx prod", 'sh -c "dokploy $change"'],
    "nested shell with the hook": ["dctx prod", f"bash -c '{BASH.hook}; dokploy '\"$change\""],
    "xargs": ["dctx prod", "echo $change | xargs dokploy || (exit 6)"],
    "by the profile's option": ["dokploy --profile prod $change"],
    "by the option behind": ["dokploy $change --profile=prod"],
    "by the variable": ["DOKPLOY_PROFILE=prod dokploy $change"],
    "as the default": ["dctx use prod", "dokploy $change"],
    "without the hook": ["dctx use prod; PATH=$shims:$PATH", "dokploy $change"],
    "another name as the answer": ["dctx prod", "DCTX_YES=staging dokploy $change"],
    "an empty answer": ["dctx prod", "DCTX_YES= dokploy $change"],
    "the beginning of the answer": ["dctx prod", "DCTX_YES=pro dokploy $change"],
    "more than the answer": ["dctx prod", "DCTX_YES=prod2 dokploy $change"],
    "blanks about the answer": ["dctx prod", "DCTX_YES=' prod ' dokploy $change"],
    "a line end behind the answer": ["dctx prod", "DCTX_YES=$'prod\\n' dokploy $change"],
    "a pattern as the answer": ["dctx prod", "DCTX_YES='*' dokploy $change"],
    "the answer of exec to its shim": ["dctx prod", "_DCTX_YES=pro dokploy $change"],
    "a shim that is none": [
        'mkdir own; printf \'#!/bin/sh\\n# dctx shim: mine\\nexec "$real" "$@"\\n\' >own/dokploy',
        "chmod +x own/dokploy; export real; PATH=$PWD/own:$PATH",
        "dctx exec prod -- dokploy project all",
    ],
    "a copy of the shim": [
        "mkdir own; cp $shims/dokploy own; PATH=$PWD/own:$PATH",
        "dctx exec prod -- dokploy project all",
    ],
    "dctx rename": ["dctx rename prod other"],
    "another case": ["dctx prod", "DCTX_YES=PROD dokploy $change"],
    "key emptied": ["dctx prod", "DOKPLOY_API_KEY= DOKPLOY_URL= dokploy $change"],
    "dctx exec": ["dctx exec prod -- dokploy $change"],
    "dctx exec of the real CLI": ['dctx exec prod -- "$real" $change'],
    "dctx exec for all": ['dctx exec --all -- "$real" $change'],
    "dctx exec by a glob": ["dctx exec --match 'p*' -j 3 -- \"$real\" $change"],
    "dctx env as dotenv": ["dctx env prod --shell dotenv >.env || exit", '"$real" $change'],
    "dctx env as json": ["dctx env prod --shell json"],
    "dctx env for GitHub": ["GITHUB_ENV=$HOME/out dctx env prod --shell github"],
    "double dash in front": ["dctx prod", "dokploy -- $change"],
    "double dash within": ["dctx prod", "dokploy application -- delete --applicationId app1"],
    "an option in front": ["dctx prod", "dokploy --json $change"],
    "help as a value": ["dctx prod", "dokploy application delete --applicationId --help"],
    "group and command in one word": ["dctx prod", "dokploy 'project all' $change"],
    "unprotect": ["dctx unprotect prod"],
    "dctx remove": ["dctx remove staging prod"],
    "dctx auth": ["echo key | dctx auth prod -u http://127.0.0.1 -t - --no-check"],
    "the shim's remove": ["dokploy profiles remove prod"],
    "the shim's auth": [
        "echo key | dokploy auth --profile prod -u http://127.0.0.1 -t - --no-check"
    ],
}


@pytest.mark.parametrize("lines", REFUSED_WAYS.values(), ids=REFUSED_WAYS)
def test_change_without_the_name_is_refused(place: Place, lines: list[str]) -> None:
    shims = place.home / ".local" / "share" / "dctx" / "shims"
    ran = place.run(f"shims={shims}", *lines)
    assert ran.code == 6, ran.err
    assert "is protected and there is no terminal to ask on" in ran.err
    assert place.key not in ran.out + ran.err
    place.assert_untouched()
    assert place.right.requests == ()


ANSWERED_WAYS = {
    "absolute path": ["dctx prod", '"$real" $change'],
    "PATH changed": ["dctx prod", "PATH=${real%/*}:$PATH", "dokploy $change"],
    "inherited session": ["dctx prod", 'env -u _DCTX_SESSION sh -c \'"$0" $1\' "$real" "$change"'],
    "dctx env for a shell": ['eval "$(dctx env prod --shell bash)"', '"$real" $change'],
    "profile forgotten": ["dctx prod", "DOKPLOY_PROFILE= dokploy $change"],
    "profile unset": ["dctx prod", "unset DOKPLOY_PROFILE", "dokploy $change"],
    "a read past the shim": ["dctx prod", '"$real" project all'],
}


@pytest.mark.parametrize("lines", ANSWERED_WAYS.values(), ids=ANSWERED_WAYS)
def test_change_past_the_shim_is_answered_401_by_the_right_panel(
    place: Place, lines: list[str]
) -> None:
    ran = place.run(*lines)
    assert ran.code == 1
    assert "Request failed with status code 401" in ran.err
    place.assert_untouched()
    assert [seen.key for seen in place.right.requests] == [SENTINEL]


def test_change_with_a_dotenv_around_never_reaches_its_panel(place: Place) -> None:
    text = f"DOKPLOY_URL={place.other.url}\nDOKPLOY_API_KEY={place.other.key_of('Acme')}\n"
    Path(".env").write_text(text + f"DOKPLOY_AUTH_TOKEN={place.key}\n", "utf-8")
    assert place.run("dctx prod", "dokploy $change").code == 6
    assert place.right.requests == ()
    ran = place.run("dctx prod", '"$real" $change')
    assert (ran.code, "status code 401" in ran.err) == (1, True)
    place.assert_untouched()


def test_change_with_the_legacy_file_around_never_reaches_its_panel(
    place: Place, private_cli: Path
) -> None:
    legacy = {"url": place.other.url, "token": place.other.key_of("Acme")}
    (private_cli / "config.json").write_text(json.dumps(legacy), "utf-8")
    assert place.run("dctx prod", "dokploy $change").code == 6
    assert place.right.requests == ()
    index = private_cli / "dist" / "index.js"
    ran = place.run("dctx prod", f"node {shlex.quote(str(index))} $change")
    assert (ran.code, "status code 401" in ran.err) == (1, True)
    place.assert_untouched()


def test_change_in_a_script_or_by_make_is_refused(place: Place) -> None:
    script = Path("deploy.sh")
    script.write_text(f"#!/bin/sh\nset -e\ndokploy {CHANGE}\necho done\n", "utf-8")
    script.chmod(0o755)
    Path("Makefile").write_text(f"deploy:\n\t@dokploy {CHANGE}\n\t@echo done\n", "utf-8")
    ran = place.run("dctx prod", "./deploy.sh")
    assert (ran.code, ran.out) == (6, "")
    ran = place.run("dctx prod", "make -s deploy")
    assert (ran.code, ran.out) == (2, "")
    assert REFUSED in ran.err
    assert place.right.requests == ()
    place.assert_untouched()


def test_change_under_direnv_is_refused(place: Place) -> None:
    Path(".envrc").write_text('eval "$(dctx env prod --shell bash)"\n', "utf-8")
    ran = place.run("direnv allow . 2>/dev/null", "direnv exec . dokploy $change")
    assert ran.code == 6
    assert place.right.requests == ()
    ran = place.run('direnv exec . "$real" $change')
    assert (ran.code, "status code 401" in ran.err) == (1, True)
    place.assert_untouched()


def test_change_where_config_is_damaged_or_gone_asks_no_panel(place: Place) -> None:
    file = place.home / ".dokploy" / "config.json"
    lines = ["dctx prod", "true >$HOME/.dokploy/config.json", "dokploy $change"]
    assert place.run(*lines).code == 4
    file.unlink()
    ran = place.run("DOKPLOY_PROFILE=prod dokploy $change")
    assert ran.code == 3
    assert place.right.requests == place.other.requests == ()


def test_change_where_the_table_is_missing_is_refused_and_so_is_none_that_reads(
    place: Place,
) -> None:
    shims = place.home / ".local" / "share" / "dctx" / "shims"
    ran = place.run("dctx prod", f"rm {shims}/reads.sh", "dokploy $change")
    assert ran.code == 6
    assert not place.right.requests
    ran = place.run("dctx prod", f"rm {shims}/reads.sh", "dokploy project all")
    assert (ran.code, place.right.requests[-1].key) == (0, place.key)


def test_protected_without_a_record_is_protected_all_the_same(
    config: Callable[..., Path], place: Place
) -> None:
    """Names that get no record: the core is asked, and it knows."""
    mine = {"url": place.right.url, "token": place.key, "protected": True}
    config("ok", **{"a b": mine, "prod": mine, "PROD": mine})
    for name in ("'a b'", "PROD"):
        ran = place.run(f"dctx {name}", f"dokploy --profile {name} $change")
        assert ran.code == 6
        assert not place.right.requests
        ran = place.run(f"dctx {name}", BASH.environ, "dokploy organization active >/dev/null")
        assert (ran.code, ran.env["DOKPLOY_API_KEY"]) == (0, SENTINEL)
        seen: list[str | None] = [request.key for request in place.right.requests]
        assert seen == [place.key]
        place.right.forget_requests()


def test_protected_vault_is_asked_for_reads_and_after_the_name(
    config: Callable[..., Path], place: Place
) -> None:
    asked = place.home / "asked"
    command = ["sh", "-c", f"echo x >>{asked}; echo {place.key}"]
    config(prod={"url": place.right.url, "token": None, "tokenCommand": command, "protected": True})
    ran = place.run("dctx prod", BASH.environ, "dokploy $change")
    assert (ran.code, ran.env["DOKPLOY_API_KEY"], asked.exists()) == (6, SENTINEL, False)
    ran = place.run("dctx prod", "dokploy organization active >/dev/null")
    assert (ran.code, asked.read_text("utf-8")) == (0, "x\n")
    assert [seen.key for seen in place.right.requests] == [place.key]


# What goes through.


def changes(panel: StandIn) -> list[Seen]:
    return [seen for seen in panel.requests if seen.procedures == ("application.delete",)]


def application(panel: StandIn) -> str:
    return panel.applications[0].id


def test_change_with_the_name_in_dctx_yes_is_made(place: Place) -> None:
    words = f"application delete --applicationId {application(place.right)}"
    ran = place.run("dctx prod", f"DCTX_YES=prod dokploy {words}")
    assert ran.code == 0
    assert [seen.key for seen in changes(place.right)] == [place.key]
    assert place.other.requests == ()


READS = ["project all", "organization active", "user session", "settings get-dokploy-version"]


@pytest.mark.parametrize("words", READS)
def test_read_passes_without_a_question(place: Place, words: str) -> None:
    ran = place.run("dctx prod", f"dokploy {words}")
    assert ran.code == 0, ran.err
    assert ran.err.splitlines()[1:] == []  # the first is the switch's
    assert [seen.key for seen in place.right.requests] == [place.key]
    assert place.other.requests == ()


@pytest.mark.parametrize("words", ["application --help", "application delete --help", "--version"])
def test_help_passes_without_a_question(place: Place, words: str) -> None:
    ran = place.run("dctx prod", f"dokploy {words}")
    assert ran.code == 0, ran.err
    assert place.right.requests == ()


# On a terminal.


@pytest.fixture
def prod(place: Place, terminal: Callable[..., Terminal]) -> Terminal:
    term = terminal(BASH)
    term.line("dctx prod")
    assert term.prompt == "((prod)) READY> "
    assert term.colour("((prod))") == "red"
    return term


def ask(term: Terminal, line: str, question: str = QUESTION) -> None:
    """Type a line that leads to the question, and wait for it."""
    before = term.raw.count(question.encode())
    term.type(line + ENTER)
    term.wait(lambda: bool(term.screen) and term.raw.count(question.encode()) > before, question)


def test_change_on_a_terminal_is_made_after_the_name(place: Place, prod: Terminal) -> None:
    ask(prod, f"dokploy application delete --applicationId {application(place.right)}")
    assert changes(place.right) == []
    prod.key("prod" + ENTER)
    assert prod.line("echo $?") == "0"
    assert [seen.key for seen in changes(place.right)] == [place.key]


def test_exec_of_the_shim_asks_once_and_says_nothing_of_its_own_variables(
    place: Place, prod: Terminal
) -> None:
    prod.line("dctx off")
    words = f"application delete --applicationId {application(place.right)}"
    ask(prod, f"dctx exec prod -- dokploy {words}")
    assert changes(place.right) == []
    prod.key("prod" + ENTER)
    assert prod.line("echo $?") == "0"
    assert [seen.key for seen in changes(place.right)] == [place.key]
    assert prod.raw.count(QUESTION.encode()) == 1
    assert b"are ignored" not in prod.raw
    # Not only the shim: what may run a change of any kind is asked about as a whole.
    ask(prod, f"dctx exec prod -- sh -c 'dokploy {words}'", 'Type "prod" to run: sh')
    prod.key("no" + ENTER)
    assert prod.line("echo $?") == "6"


@pytest.mark.parametrize("own", [None, "mine"])
def test_answer_to_exec_stays_out_of_what_the_real_cli_gets(
    place: Place,
    terminal: Callable[..., Terminal],
    monkeypatch: pytest.MonkeyPatch,
    own: str | None,
) -> None:
    """What it starts is asked about again; a DCTX_YES of the user's own stays as it is."""
    folder = place.home / "stub"
    folder.mkdir()
    stub = folder / "dokploy"
    stub.write_text(f"#!/bin/sh\nenv -0 >{shlex.quote(str(folder))}/env\n", "utf-8")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    if own is not None:
        monkeypatch.setenv("DCTX_YES", own)
    term = terminal(BASH)
    ask(term, f"dctx exec prod -- dokploy {CHANGE}")
    term.key("prod" + ENTER)
    assert term.line("echo $?") == "0"
    rows = (folder / "env").read_text("utf-8").split("\0")
    found = dict(row.partition("=")[::2] for row in rows if "DCTX" in row)
    assert found == ({} if own is None else {"DCTX_YES": own})


def test_answer_to_exec_is_one_to_the_shim_alone(place: Place) -> None:
    words = f"application delete --applicationId {application(place.right)}"
    for line in ("dctx unprotect prod", "dctx env prod --shell json", "dctx exec prod -- true"):
        assert place.run(f"_DCTX_YES=prod {line}").code == 6
    assert place.run(f"DOKPLOY_PROFILE=prod _DCTX_YES=staging dokploy {words}").code == 6
    assert place.run(f"DOKPLOY_PROFILE=prod _DCTX_YES= dokploy {words}").code == 6
    assert changes(place.right) == []
    assert place.run(f"DOKPLOY_PROFILE=prod _DCTX_YES=prod dokploy {words}").code == 0
    assert len(changes(place.right)) == 1


@pytest.mark.parametrize("words", READS)
def test_exec_of_a_read_by_the_shim_passes_without_a_question(place: Place, words: str) -> None:
    ran = place.run(f"dctx exec prod -- dokploy {words}")
    assert (ran.code, ran.err) == (0, "")
    assert [seen.key for seen in place.right.requests] == [place.key]
    ran = place.run(f'dctx exec prod -- "$real" {words} || exit')
    assert ran.code == 6


@pytest.mark.parametrize(
    "words",
    ["", "--help", "-h", "--version", "-V", "profiles list",
     "profiles current --json", "profiles"],
)  # fmt: skip
def test_exec_of_what_the_shim_lets_pass_is_not_asked_about(place: Place, words: str) -> None:
    ran = place.run(f"dctx exec prod -- dokploy {words}")
    assert ran.code == 0, ran.err
    assert "is protected" not in ran.err
    assert place.right.requests == ()


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("--version application delete", "run: dokploy ..."),
        ("--help application delete", "run: dokploy ..."),
        ("help application", "run: dokploy help application"),
        ("profiles remove prod", "remove it"),
        ("auth prod -u http://127.0.0.1:9 -t k --no-check", "replace its key"),
    ],
)
def test_exec_of_the_shim_is_asked_about_what_changes(
    place: Place, words: str, question: str
) -> None:
    ran = place.run(f"dctx exec prod -- dokploy {words}")
    assert ran.code == 6
    assert f"so nothing was done. To {question}, set DCTX_YES=prod" in ran.err
    assert place.right.requests == ()


@pytest.mark.parametrize("words", ["--help", "profiles list"])
def test_exec_of_the_real_cli_is_asked_about_as_a_whole(place: Place, words: str) -> None:
    assert place.run(f'dctx exec prod -- "$real" {words}').code == 6


def test_change_asks_each_time(place: Place, prod: Terminal) -> None:
    for _ in range(2):
        ask(prod, f"dokploy {CHANGE}")
        prod.key("prod" + ENTER)
    assert len(changes(place.right)) == 2


@pytest.mark.parametrize(
    ("keys", "code"),
    [("staging" + ENTER, "6"), (ENTER, "6"), ("y" + ENTER, "6"), (CTRL_C, "130"), (CTRL_D, "130")],
    ids=["other name", "nothing", "y", "Ctrl-C", "Ctrl-D"],
)
def test_change_on_a_terminal_with_another_answer_is_not_made(
    place: Place, prod: Terminal, keys: str, code: str
) -> None:
    ask(prod, f"dokploy {CHANGE}")
    prod.key(keys)
    assert prod.line("echo $?") == code
    assert place.right.requests == ()
    place.assert_untouched()


def test_the_question_is_for_the_terminal_whatever_is_piped(place: Place, prod: Terminal) -> None:
    ask(prod, f"echo prod | dokploy {CHANGE} 2>/dev/null | cat")
    prod.key("no" + ENTER)
    assert prod.line("echo still here") == "still here"
    assert place.right.requests == ()


def test_what_was_typed_before_the_question_is_no_answer(place: Place, prod: Terminal) -> None:
    waiting = "echo go; until [ -e typed ]; do sleep 0.05; done"
    prod.type(f"{waiting}; dokploy {CHANGE}" + ENTER)
    prod.wait(lambda: "\ngo" in prod.screen, "the waiting")
    prod.type("prod" + ENTER)
    prod.wait(lambda: "\nprod" in prod.screen, "the echo of what is typed")
    (place.home / "typed").touch()
    prod.wait(lambda: QUESTION in prod.said, "the question")
    prod.key("no" + ENTER)
    assert prod.line("echo $?") == "6"
    assert place.right.requests == ()


def test_unprotect_asks_for_the_name(place: Place, prod: Terminal) -> None:
    ask(prod, "dctx unprotect prod", 'Type "prod" to unprotect it:')
    prod.key("prod" + ENTER)
    assert prod.line("echo $DOKPLOY_API_KEY") == place.key


def test_protect_takes_the_key_out_of_running_sessions(
    place: Place, terminal: Callable[..., Terminal], shell: Shell
) -> None:
    term = terminal(shell)
    term.line("dctx staging")
    assert term.line("echo $DOKPLOY_API_KEY") == place.other.key_of("Acme")
    term.line("dctx protect staging")
    assert term.line("echo $DOKPLOY_API_KEY") == SENTINEL
    assert "staging" in term.prompt


# Sessions hold no key.


def test_switch_to_protected_holds_the_sentinel(place: Place, shell: Shell) -> None:
    names = ("DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY")
    ran = shell.run(shell.hook, "dctx prod", shell.show(*names), shell.environ)
    assert ran.vars == dict(zip(names, ("prod", place.right.url, SENTINEL), strict=True))
    assert place.key not in "".join(ran.env.values())


def test_switch_with_export_key_0_holds_the_sentinel(place: Place, shell: Shell) -> None:
    ran = shell.run(
        shell.export("DCTX_EXPORT_KEY", "0"),
        shell.hook,
        "dctx staging",
        shell.environ,
        "dokploy application list-nothing",
        "dokploy project all",
    )
    assert ran.env["DOKPLOY_API_KEY"] == SENTINEL
    assert place.other.key_of("Acme") not in "".join(ran.env.values())
    assert ran.code == 0
    assert [seen.key for seen in place.other.requests] == [place.other.key_of("Acme")]


@pytest.mark.usefixtures("place")
def test_env_gives_what_a_session_gets(shell: Shell) -> None:
    ran = shell.run(shell.hook, "dctx prod", shell.environ)
    evaluated = shell.evaluate(f"dctx env prod --shell {shell.dialect}")
    other = shell.run(evaluated, shell.environ)
    ours = ("DOKPLOY_", "DCTX_ORG", "_DCTX_SESSION", "_DCTX_S_")
    for name in set(ran.env) | set(other.env):
        if name.startswith(ours):
            assert ran.env.get(name) == other.env.get(name), name


def test_exec_with_export_key_0_hands_the_key_over(place: Place) -> None:
    ran = alone(
        "dctx",
        "exec",
        "staging",
        "--",
        "sh",
        "-c",
        "echo $DOKPLOY_API_KEY",
        env={"DCTX_EXPORT_KEY": "0"},
    )
    assert ran.out == place.other.key_of("Acme") + "\n"


# Speed: no process for a switch, no Python for a read.


def started(trace: Path) -> list[str]:
    """Return the calls that start processes or programs, as strace wrote them."""
    calls = ("execve(", "clone(", "clone3(", "fork(", "vfork(")
    lines = trace.read_text("utf-8", "replace").splitlines()
    return [
        line
        for line in lines
        if any(call in line for call in calls)
        and not any(word in line for word in ("ENOENT", "CLONE_THREAD"))  # fish has threads
    ]


STRACE = ["strace", "-f", "-qq", "-e", "trace=execve,clone,clone3,fork,vfork", "-o"]


@pytest.mark.usefixtures("place")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="strace is Linux's")
def test_switch_to_protected_starts_no_process(shell: Shell, tmp_path: Path) -> None:
    load = alone("dctx", "init", shell.dialect).out.strip()
    counts = []
    for lines in ([], ["dctx prod", "dctx off"]):
        trace = tmp_path / f"trace{len(lines)}"
        ran = shell.run(load, *lines, "true", prefix=[*STRACE, str(trace)])
        assert ran.code == 0
        counts.append(len(started(trace)))
    assert counts[0] == counts[1]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="strace is Linux's")
def test_read_on_protected_starts_no_python(place: Place, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    ran = place.run("dctx prod", f"{' '.join(STRACE)} {trace} dokploy project all >/dev/null")
    assert ran.code == 0
    programs = [
        line.split("execve(", 1)[1].split(",")[0] for line in started(trace) if "execve(" in line
    ]
    assert [Path(p.strip('"')).name for p in programs] == ["dokploy", "dokploy", "node"]
    assert not any("python" in line for line in started(trace))


@pytest.mark.parametrize("more", [{}, {"protected": True}, {"access": "read-only"}], ids=repr)
def test_a_profile_without_a_key_is_no_session_protected_or_not(
    config: Callable[..., Path], terminal: Callable[..., Terminal], more: dict[str, Any]
) -> None:
    config("acme", empty={"token": None, **more})
    term = terminal(BASH)
    term.line("dctx empty")
    assert 'dctx: profile "empty" has no key. Run: dctx auth empty' in term.screen
    assert term.line("echo $?") == "4"
    assert term.line("echo ${DOKPLOY_PROFILE-none}") == "none"
