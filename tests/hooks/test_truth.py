"""The prompt never lies: what it shows is what the next `dokploy` uses.

Each row of cases.py is set up in a real terminal, the prompt is read off the screen, the official
CLI is run through the shim, and what the panels received is compared with what the prompt said.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..cases import (
    CASES,
    CONFIG,
    DOT,
    HAND,
    KEY,
    PROD,
    PROFILE,
    STAGING,
    STORIES,
    TOKEN,
    URL,
    Case,
    Story,
)
from ..shells import Shell
from ..terminal import Terminal

ROWS = [
    case
    for case in CASES
    if case.segment is not None and (case.url or PROD).rstrip("/") in (HAND, DOT, STAGING, PROD)
]
ENDS = {"session": "({}) READY> ", "default": "~({}) READY> ", "env": "({}) READY> ",
        "unknown": "({}) READY> ", "protected": "(({})) READY> ", "": "READY> "}  # fmt: skip
COLOURS = {"session": "green", "default": "dim", "env": "cyan", "unknown": "yellow",
           "protected": "red"}  # fmt: skip


@dataclass
class World:
    """Four panels, each in the place of one URL of the table."""

    panels: dict[str, StandIn]

    def real(self, text: str) -> str:
        """Return `text` with the table's URLs replaced by the panels' own."""
        for url, panel in self.panels.items():
            text = text.replace(url, panel.url)
        return text

    def received(self) -> list[tuple[str, str | None]]:
        """Return (the table's URL, key) of each request since the last call."""
        seen: list[tuple[str, str | None]] = [
            (url, request.key) for url, panel in self.panels.items() for request in panel.requests
        ]
        for panel in self.panels.values():
            panel.forget_requests()
        return seen


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        panels = {url: stack.enter_context(StandIn.seeded()) for url in (HAND, DOT, STAGING, PROD)}
        for url, panel in panels.items():
            for key in {
                case.key for case in ROWS if case.key and (case.url or "").rstrip("/") == url
            }:
                panel.add_key(panel.users[0], panel.organizations[0], key=key)
        yield World(panels)


def lay_out(case: Case, world: World, home: Path) -> None:
    """Make the row's config.json and .env, and nothing that another row left."""
    shutil.rmtree(home / ".dokploy", ignore_errors=True)
    (home / "project").mkdir(exist_ok=True)
    (home / "project" / ".env").unlink(missing_ok=True)
    if case.config is not None:
        (home / ".dokploy").mkdir(0o700)
        text = case.config if isinstance(case.config, str) else json.dumps(case.config)
        (home / ".dokploy" / "config.json").write_text(world.real(text))
        (home / ".dokploy" / "config.json").chmod(0o600)
    if case.dotenv is not None:
        (home / "project" / ".env").write_bytes(world.real(case.dotenv).encode())


def arranged(case: Case, shell: Shell, world: World, home: Path) -> list[str]:
    """Return the lines that give a terminal the row's variables, whatever another row left."""
    lines = [shell.forget(name) for name in (PROFILE, URL, KEY, TOKEN)]
    lines += [shell.export(name, world.real(value)) for name, value in case.env.items()]
    lines += [shell.set(name, world.real(value)) for name, value in case.unexported.items()]
    if case.home is None:
        return [*lines, shell.unset("HOME")]
    return [*lines, shell.export("HOME", str(home) if case.home == "~" else case.home)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("story", STORIES, ids=repr)
def test_what_changes_under_a_terminal_shows_at_its_next_prompt(
    story: Story, shell: Shell, loaded: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    """Without a change of directory: that would hide a prompt that keeps what it knew."""

    def put(files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = home / name
            if text is None:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(0o700, exist_ok=True)
                path.write_text(text)
                path.chmod(0o600)

    (home / "project").mkdir()
    if story.config is not None:
        put({CONFIG: json.dumps(story.config)})
    rc = [shell.export(name, value) for name, value in story.env.items()]
    term = terminal(shell, hook=False, rc=[*rc, loaded], cwd=home / "project", columns=300)
    assert term.prompt == ENDS[story.first[1]].format(story.first[0])
    for step in story.steps:
        put(step.files)
        if step.older:
            os.utime(home / step.older, (1_000_000_000, 1_000_000_000))
        lines = [
            shell.forget(name) if value is None else shell.export(name, value)
            for name, value in step.set.items()
        ]
        for name, value in step.keep.items():
            lines += [shell.forget(name), shell.set(name, value)]
        term.line("; ".join([*lines, *([f"dctx {step.dctx}"] if step.dctx else [])]) or "true")
        assert term.prompt == ENDS[step.state].format(step.segment), step
        if step.state:
            assert term.colour(f"({step.segment})") == COLOURS[step.state], step
        term.line("true")
        assert term.prompt == ENDS[step.state].format(step.segment), step


@pytest.mark.timeout(900)  # some 60 rows, the official CLI in each
@pytest.mark.parametrize("place", ["after cd", "in place"])
def test_prompt_and_panel_agree_for_every_row(
    shell: Shell, loaded: str, world: World, home: Path, terminal: Callable[..., Terminal],
    place: str,
) -> None:  # fmt: skip
    (home / "project").mkdir()
    term = terminal(shell, hook=False, rc=[loaded], columns=300, cwd=home / "project")
    for case in ROWS:
        if case.unexported and not shell.has_export_flag:
            continue  # no such shell is ever in this state
        if place == "after cd":
            term.line(f"cd {shell.quote(str(home))}")
        # Some rows' prompts are as they were with the last row's variables: these come first.
        for line in arranged(case, shell, world, home):
            term.line(line)
        lay_out(case, world, home)
        term.line(f"cd {shell.quote(str(home / 'project'))}" if place == "after cd" else "true")
        segment = case.segment
        if case.level == 3:
            segment = f"env:{world.real(case.url or '').split('//')[1].rstrip('/')}"
        assert term.prompt == ENDS[case.state].format(segment), case
        if case.state:
            assert term.colour(f"({segment})") == COLOURS[case.state], case
        world.received()
        status = shell.status
        shown = term.line(f"dokploy organization active; echo code {status}")
        if case.code:
            assert "dctx: " in shown and case.says in shown and case.run_says in shown, case
            assert world.received() == [], case
        elif case.level == 5:
            assert "No configuration found" in shown, case
            assert world.received() == [], case
        else:
            assert '"name": "Acme"' in shown, (case, shown)
            # A set: the CLI is redirected once where the URL ends in a slash.
            assert set(world.received()) == {((case.url or "").rstrip("/"), case.key)}, case
        code = case.code or (1 if case.level == 5 else 0)
        assert shown.splitlines()[-1] == f"code {code}", case


def test_default_changed_by_another_terminal(
    shell: Shell, loaded: str, config: Any, world: World, dctx: Callable[..., Any],
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    config(**{name: {"url": world.real(url), "token": world.panels[url].key_of("Acme")}
              for name, url in (("staging", STAGING), ("prod", PROD))})  # fmt: skip
    term = terminal(shell, hook=False, rc=[loaded], columns=200)
    assert term.prompt == "~(staging) READY> "
    assert dctx("use", "prod").code == 0
    # The prompt on the screen is of before: the command is refused, once.
    shown = term.line("dokploy organization active")
    assert shown == (
        'dctx: the default changed from "staging" to "prod" since your prompt was drawn. '
        "Run it again, or: dctx staging"
    )
    assert world.received() == []
    assert term.prompt == "~(prod) READY> "
    term.line("dokploy organization active")
    assert [url for url, _ in world.received()] == [PROD]
    # A change of this terminal's own, on one line, is no surprise.
    chain = "; and " if shell.dialect == "fish" else " && "
    shown = term.line(f"dokploy profiles use staging{chain}dokploy organization active")
    assert '"name": "Acme"' in shown
    assert [url for url, _ in world.received()] == [STAGING]
    assert term.prompt == "~(staging) READY> "
    # Another terminal's change, of a switched terminal, is nobody's business.
    term.line("dctx staging")
    assert term.prompt == "(staging) READY> "
    assert dctx("use", "prod").code == 0
    term.line("dokploy organization active")
    assert [url for url, _ in world.received()] == [STAGING]


def test_two_terminals_side_by_side(
    shell: Shell, loaded: str, config: Any, world: World, terminal: Callable[..., Terminal]
) -> None:
    config(**{name: {"url": world.real(url), "token": world.panels[url].key_of(org),
                     "organization": {"id": "x", "name": org}}
              for name, url, org in (("staging", STAGING, "Globex"), ("prod", PROD, "Acme"),
                                     ("spare", DOT, "Initech"))})  # fmt: skip
    one, two, three = (terminal(shell, hook=False, rc=[loaded], columns=200) for _ in range(3))
    one.line("dctx staging")
    two.line("dctx spare")
    assert (one.prompt, two.prompt, three.prompt) == (
        "(staging:Globex) READY> ", "(spare:Initech) READY> ", "~(staging:Globex) READY> ",
    )  # fmt: skip
    for term, url in ((one, STAGING), (two, DOT), (three, STAGING)):
        world.received()
        shown = term.line("dokploy project all")
        assert ('"globex-shop"' in shown) == (url == STAGING)
        assert [at for at, _ in world.received()] == [url]
    two.line("dctx off")
    assert two.prompt == "~(staging:Globex) READY> "


def test_rotation_and_removal_reach_a_living_terminal(
    shell: Shell, loaded: str, config: Any, world: World, dctx: Callable[..., Any],
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    panel = world.panels[STAGING]
    config(staging={"url": panel.url, "token": panel.key_of("Acme")}, prod={})
    term = terminal(shell, hook=False, rc=[loaded], columns=200)
    term.line("dctx staging")
    new = panel.key_of("Globex")
    assert dctx("auth", "staging", "-u", panel.url, "-t", "-", stdin=new).code == 0
    world.received()
    # The shim uses the new one at once, though the session still holds the old.
    term.line("dokploy organization active")
    assert world.received() == [(STAGING, new)]
    assert term.prompt == "(staging:Globex) READY> "
    assert term.line("echo $DOKPLOY_API_KEY") == new
    assert dctx("remove", "staging").code == 0
    shown = term.line("dokploy organization active")
    assert 'profile "staging"' in shown and "not found" in shown
    assert term.prompt == "(staging!) READY> "
    assert world.received() == []


@pytest.mark.parametrize("order", ["before", "after"])
def test_direnv_beside_the_hook(
    shell: Shell, loaded: str, config: Any, home: Path, order: str,
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    config("prod", "staging", "client")
    for name in ("staging", "client"):
        (home / name).mkdir()
        (home / name / ".envrc").write_text(f"export DOKPLOY_PROFILE={name}\n")
    (home / "outside").mkdir()
    direnv = shell.evaluate(f"direnv hook {shell.dialect}")
    rc = [direnv, loaded] if order == "before" else [loaded, direnv]
    term = terminal(shell, hook=False, rc=rc, env={"DIRENV_LOG_FORMAT": ""}, columns=200)
    term.line("direnv allow ~/staging; direnv allow ~/client")
    assert term.prompt == "~(prod) READY> "
    term.line("cd ~/staging")
    assert term.prompt == "(staging) READY> "  # the first prompt is right
    term.line("cd ~/client")
    assert term.prompt == "(client) READY> "
    term.line("cd ~/outside")
    assert term.prompt == "~(prod) READY> "
    # A session, then into a folder that says otherwise: the folder wins, our pair is withdrawn.
    term.line("dctx prod")
    term.line("cd ~/staging")
    assert term.prompt == "(staging) READY> "
    assert term.line('echo "[$DOKPLOY_URL$DOKPLOY_API_KEY]"') == "[]"
    term.line("cd ~/outside")
    assert term.prompt == "(prod) READY> "  # what direnv puts back
