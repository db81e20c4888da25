"""Tab after `dokploy`: groups, commands, options by no process; ids and names from the panel."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standin import StandIn

from ..conftest import Result, settle
from ..hooks.test_processes import started, traced
from ..hooks.test_tab import completed, unchanged
from ..shells import FISH, ZSH, Shell
from ..terminal import ENTER, TAB, Terminal

Start = Callable[..., Terminal]
Save = Callable[..., Path]
Ids = dict[str, str]


@pytest.fixture
def start(
    shell: Shell, loaded: str, profile: Callable[..., Path], dctx: Callable[..., Result],
    shop: Ids, official_cli: Path, terminal: Start,
) -> Start:  # fmt: skip
    """Return a function that starts a terminal whose default profile is of the panel of `shop`.

    Tab waits for a panel as long as a person does. On a machine that is busy with other tests that
    may be too short, so all but some `asked` know what is there.
    """

    def start(*before: str, program: Shell = shell, asked: bool = False) -> Terminal:
        settle(profile(prod="Acme"))
        assert dctx("sync" if asked else "find").code == 0
        compinit = list(shell.for_tab)
        return terminal(program, hook=False, rc=[*compinit, *before, loaded])

    return start


def test_groups_commands_and_options(start: Start) -> None:
    term = start()
    completed(term, "dokploy app", "dokploy application")
    completed(term, "dokploy application dep", "dokploy application deploy")
    for before in ("dokploy --profile prod application", "dokploy --profile=prod application"):
        completed(term, f"{before} dep", f"{before} deploy")
    # What is required comes first, and is not offered twice.
    completed(term, "dokploy application deploy ", "dokploy application deploy --applicationId")
    completed(term, "dokploy application deploy --ti", "dokploy application deploy --title")
    typed = "dokploy application deploy --applicationId=x --app"
    unchanged(term, typed)
    completed(term, "dokploy profiles u", "dokploy profiles use")
    completed(
        term,
        "dokploy application create --sourceType gitl",
        "dokploy application create --sourceType gitlab",
    )
    completed(
        term,
        "dokploy application create --sourceType=gitl",
        "dokploy application create --sourceType=gitlab",
    )


def test_words_that_are_no_commands(start: Start, shell: Shell) -> None:
    term = start()
    unchanged(term, "dokploy application nosuch --app")
    if shell is not FISH:  # which offers --profile everywhere
        unchanged(term, "dokploy application nosuch --pro")
    unchanged(term, "dokploy nosuch one --app")


def asked(term: Terminal, typed: str, becomes: str) -> int:
    """Do as completed() where the core is asked; return how often Tab was pressed.

    It gives up after the time that a person waits, which is short on a machine that is busy.
    """
    pressed, times = time.monotonic(), 1

    def done() -> bool:
        nonlocal pressed, times
        if term.typed.rstrip() == becomes:
            return True
        if time.monotonic() - pressed > 6:
            pressed, times = time.monotonic(), times + 1
            term.type(TAB)
        return False

    term.type(typed + TAB)
    term.wait(done, f"{becomes!r} for {typed!r}")
    term.clear()
    return times


def test_ids(start: Start, shop: Ids, dctx: Callable[..., Result]) -> None:
    term = start(asked=True)
    typed = "dokploy application deploy --applicationId "
    asked(term, "dokploy server one --serverId ", "dokploy server one --serverId srv-1")
    asked(term, "dokploy server one --serverId=s", "dokploy server one --serverId=srv-1")
    begin = shop["worker"][:8]
    asked(term, typed + begin, typed + shop["worker"])
    assert dctx("find").code == 0
    term.type(typed + TAB + TAB)
    term.wait(lambda: "worker (Acme Shop / production)" in term.screen.replace("\n", ""), "names")


def test_names(start: Start, shell: Shell) -> None:
    term = start()
    typed = "dokploy application deploy --applicationId"
    completed(term, f"{typed} @wo", f"{typed} @worker")
    completed(term, f"{typed}=@wo", f"{typed}=@worker")
    completed(term, f"{typed} wo", f"{typed} @worker")
    completed(term, f"{typed}=wo", f"{typed}=@worker")
    if shell.dialect != "fish":  # which inserts no part of what does not begin as typed
        completed(term, f"{typed} 'Acme Shop/p", f"{typed} '@Acme Shop/production/")
    completed(term, f"{typed} @production/s", f"{typed} @production/shop-api")
    blank = "\\ "
    completed(term, f"{typed} @Acme{blank}Shop/s", f"{typed} @Acme{blank}Shop/staging/shop-api")
    for quote in ("'", '"'):
        whole = f"{typed} {quote}@Acme Shop/staging/shop-api{quote}"
        completed(term, f"{typed} {quote}@Acme Shop/s", whole)
    completed(term, f"dokploy application deploy --title 'a b --x' {typed[27:]} @wo",
              f"dokploy application deploy --title 'a b --x' {typed[27:]} @worker")  # fmt: skip
    if shell.dialect == "fish":  # it ends the only word with a blank: each whole path at once
        for word in ("@shop", "@shop-api"):
            term.type(f"{typed} {word}{TAB}")
            term.wait(lambda: all(f"Shop/{part}/shop-api" in term.screen.replace("\\ ", " ")
                                  for part in ("production", "staging")), "both paths")  # fmt: skip
            term.clear()
    else:
        completed(term, f"{typed} @shop", f"{typed} @shop-api")
    if shell.dialect == "bash":  # each whole path takes its place: what they have in common
        completed(term, f"{typed} @shop-api", f"{typed} @Acme{blank}Shop/")
    unchanged(term, f"{typed} @nosuch")


def test_what_stands_behind_the_cursor_is_not_completed(start: Start) -> None:
    term = start()
    term.type("dokploy app")
    term.wait(lambda: term.typed == "dokploy app", "the line")
    term.type(" --help" + "\x02" * len(" --help") + TAB)  # Ctrl-B: back by a character
    # What the terminal calls typed ends at the cursor.
    term.wait(lambda: term.typed.rstrip() == "dokploy application", "the command completed")


def test_a_command_in_twenty_keys(start: Start, panel: StandIn, shop: Ids) -> None:
    """From the first key of the line; there is a command deploy-nginx-quickstart, too."""
    term = start()
    typed = "dokploy application deploy --applicationId"
    steps = (
        ("dok" + TAB, "dokploy"),
        ("app" + TAB, "dokploy application"),
        ("dep" + TAB, "dokploy application deploy"),
        (" " + TAB, typed),
        ("wo" + TAB, f"{typed} @worker"),
    )
    assert sum(len(keys) for keys, _ in steps) + len(ENTER) == 18
    for keys, becomes in steps:
        term.type(keys)
        term.wait(lambda: term.typed.rstrip() == becomes, becomes)  # noqa: B023 - run at once
    term.key(ENTER)
    assert [row.id for row in panel.applications if row.deployments] == [shop["worker"]]


def test_no_process_but_one_for_names(start: Start, shell: Shell, tmp_path: Path) -> None:
    log = tmp_path / "log"
    term = start(program=traced(shell, log))
    typed = "dokploy application deploy --applicationId"
    completed(term, "dokploy application dep", "dokploy application deploy")
    before = len(started(log))
    completed(term, "dokploy app", "dokploy application")
    completed(term, "dokploy postgres mo", "dokploy postgres move")
    completed(term, "dokploy application deploy ", typed)
    assert started(log)[before:] == []
    times = asked(term, f"{typed} @wo", f"{typed} @worker")
    programs = [line for line in started(log)[before:] if "execve(" in line]
    assert len(programs) == times, programs
    assert all("_ids" in program for program in programs)


def test_a_stalled_panel_keeps_nobody_waiting(start: Start, panel: StandIn) -> None:
    term = start(asked=True)
    panel.delay = 600
    unchanged(term, "dokploy server one --serverId @F")
    assert panel.requests


def test_profiles_where_the_shim_hands_the_command_to_dctx(
    start: Start, config: Save, dctx: Callable[..., Result]
) -> None:
    term = start()
    config("prod", "staging")
    assert dctx("sync").code == 0
    for line in ("profiles use", "profiles remove", "--profile", "auth --profile"):
        completed(term, f"dokploy {line} sta", f"dokploy {line} staging")
    for line in ("--profile", "auth --profile", "project all --profile"):
        completed(term, f"dokploy {line}=sta", f"dokploy {line}=staging")
    completed(term, "dokploy auth --ur", "dokploy auth --url")
    unchanged(term, "dokploy profiles use prod sta")


MINE = {
    "bash": '_mine() { COMPREPLY=($(compgen -W mine -- "$2")); }; complete -F _mine dokploy',
    "zsh": "_mine() { compadd project mine }; compdef _mine dokploy",
}


def test_what_the_user_set_stays_and_names_come_besides(start: Start, shell: Shell) -> None:
    if shell.dialect == "fish":
        term = start("complete -c dokploy -f -a 'mine'")
        completed(term, "dokploy min", "dokploy mine")
    else:
        term = start(shell.of(MINE))
        completed(term, "dokploy min", "dokploy mine")
        completed(
            term, "dokploy application deploy --ti min", "dokploy application deploy --ti mine"
        )
    typed = "dokploy application deploy --applicationId"
    completed(term, f"{typed} @wo", f"{typed} @worker")


def test_what_the_user_sets_later_stays_too(start: Start, shell: Shell) -> None:
    term = start()
    completed(term, "dokploy app", "dokploy application")
    term.line(MINE.get(shell.dialect, "complete -c dokploy -f -a 'mine'"))
    completed(term, "dokploy min", "dokploy mine")


AUTOSUGGESTIONS = "/usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh"


@pytest.mark.parametrize("shell", [ZSH], indirect=True, ids=repr)
def test_beside_zsh_autosuggestions(start: Start, panel: StandIn, shop: Ids) -> None:
    """It shows a line of the history in grey, or what Tab would insert, and Tab stays ours."""
    term = start("ZSH_AUTOSUGGEST_STRATEGY=(history completion)", f"source {AUTOSUGGESTIONS}")
    typed = "dokploy application deploy --applicationId"
    term.type("dokploy appl")
    term.wait(lambda: "dokploy application" in term.screen, "the suggestion")
    term.type(TAB)
    term.wait(lambda: term.typed.rstrip() == "dokploy application", "Tab's word")
    term.clear()
    term.line(f"{typed} @worker")
    assert [row.id for row in panel.applications if row.deployments] == [shop["worker"]]
    term.type("dokploy application dep")
    term.wait(lambda: term.screen.endswith(f"{typed} @worker"), "the line of the history")
    term.type(TAB)
    term.wait(lambda: term.typed == "dokploy application deploy", "Tab's word")
    term.clear()
    completed(term, f"{typed} @Acme\\ Shop/s", f"{typed} @Acme\\ Shop/staging/shop-api")


ODD = ("it's", '"q" $(touch x)', "日本語", "a;b&c|d", "back`tick", "star*", "-lead", "50%")


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_completed_so_that_it_works(
    start: Start, panel: StandIn, home: Path, name: str
) -> None:
    project = panel.add_project(panel.organization("Acme"), "zoo")
    id_ = panel.add_service(project, name)
    term = start()
    typed = "dokploy application deploy --applicationId @zoo/"
    term.type(typed + TAB)
    term.wait(lambda: len(term.typed.rstrip()) > len(typed), "the name")
    term.key(ENTER)
    assert [row.id for row in panel.applications if row.deployments] == [id_]
    assert not (home / "x").exists()


OPTIONS = {
    "bash": ["IFS=a", "set -fu", "shopt -s nocasematch failglob",
             "COMP_WORDBREAKS=${COMP_WORDBREAKS//[@=]}"],
    "zsh": ["setopt ksh_arrays", "setopt sh_word_split glob_subst", "set -u", "IFS=a",
            "setopt ksh_glob no_extended_glob", "setopt warn_create_global null_glob"],
    "fish": [],
}  # fmt: skip


def test_options_of_the_user(start: Start, shell: Shell) -> None:
    typed = "dokploy application deploy --applicationId"
    for option in shell.of(OPTIONS):
        term = start(option)
        completed(term, "dokploy application dep", "dokploy application deploy")
        completed(term, f"{typed} @wo", f"{typed} @worker")
        completed(term, f"{typed}=@wo", f"{typed}=@worker")
        term.close()


def test_what_is_below_a_service(start: Start, panel: StandIn, shop: Ids, shell: Shell) -> None:
    acme = panel.organization("Acme")
    ports = [{"portId": name, "publishedPort": 8080, "protocol": name} for name in ("tcp", "udp")]
    panel.add_answer(acme, "application.one", {"applicationId": shop["worker"]}, {"ports": ports})
    schedules = [{"scheduleId": "schedule-1", "name": "clean up"}]
    given = {"id": shop["worker"], "scheduleType": "application"}
    panel.add_answer(acme, "schedule.list", given, schedules)
    term = start()
    typed = "dokploy port delete --portId"
    asked(term, f"{typed} @wo", f"{typed} @worker/8080/")
    asked(term, f"{typed} @worker/8080/t", f"{typed} @worker/8080/tcp")
    if shell.name != "bash-3.2":  # which puts a blank behind whatever it completes
        term.type(f"{typed} @st" + TAB)
        term.wait(lambda: term.typed == f"{typed} @staging/shop-api/", "a name that goes on")
        term.clear()
    # With the parent on the line, its id or its name, ids and names are those below it.
    for parent in (shop["worker"], "@worker", "'@worker'"):
        typed = f"dokploy schedule update --applicationId {parent} --scheduleId"
        asked(term, f"{typed} s", f"{typed} schedule-1")
        asked(term, f"{typed} '@cl", f"{typed} '@clean up'")
    asked(term, f"{typed}=s", f"{typed}=schedule-1")
