"""README and docs: each console block is typed in its order into a real bash with the hook.

What the terminal then shows is what the page says. `pytest --update-golden` writes it anew. A page
says above its title what there is before its first line:

    <!-- saved: prod staging -->    these profiles; without it, none

`pass` is a program that prints the keys of PANELS. Questions are answered with yes, with the name
of a protected profile, or with a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.standin import StandIn

from ..shells import BASH, ROOT
from ..terminal import ENTER, Terminal

PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    if "```console\n" in page.read_text("utf-8")
)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?P<prompt>\S* ?)\$ (?P<command>.*)$", re.MULTILINE)
SAVED = re.compile(r"^<!-- saved: (.*) -->$", re.MULTILINE)
# Profile → the URL that pages write, and the organization on the panel that has it here.
PANELS = {
    "prod": ("https://panel.example.com", "Acme"),
    "acme": ("https://panel.example.com", "Acme"),
    "client": ("https://panel.example.com", "Initech"),
    "staging": ("https://staging.example.com", "Globex"),
}
QUESTION = re.compile(r"(not shown\)|Type \"(?P<name>[\w-]+)\" .*|\[y/N\]): ?$|\[y/N\] ?$")
VARYING = (
    (r"\b\d+ ms\b", "N ms"),
    (r"\b20\d\d-\d\d-\d\d\b", "DATE"),
    (r"(?<![\w-])[\w-]{21}(?![\w-])", "ID"),  # what a server makes up
    (r" {2,}", "  "),  # columns are as wide as the real URL
)


@pytest.fixture
def panels(panel: StandIn) -> Iterator[dict[str, StandIn]]:
    """The panels of the pages, by the URL that pages write."""
    panel.add_service(panel.add_project(panel.organization("Acme"), "Acme Shop"), "shop-api")
    with StandIn.seeded() as other:
        yield {"https://panel.example.com": panel, "https://staging.example.com": other}


def blocks(page: str) -> list[str]:
    return BLOCK.findall((ROOT / page).read_text("utf-8"))


class Reader:
    """Somebody who types what a page says."""

    def __init__(self, term: Terminal, panels: dict[str, StandIn]) -> None:
        self.term, self.panels = term, panels

    def real(self, text: str) -> str:
        for url, panel in self.panels.items():
            text = text.replace(url, panel.url)
        return text

    def as_written(self, text: str) -> str:
        for url, panel in self.panels.items():
            text = text.replace(panel.url, url)
        return text

    def type(self, command: str) -> str:
        """Type a command and answer its questions; return prompt, command and what is printed."""
        term = self.term
        typed, marks, answered = self.real(command), term.marks, set[str]()
        term.type(typed + ENTER)

        def done() -> bool:
            if term.marks > marks and term.at_prompt:
                return True
            line = term.screen.rpartition("\n")[2]
            asked = QUESTION.search(line)
            if asked and line not in answered:
                answered.add(line)
                term.type((asked["name"] or self.answer(asked[0])) + ENTER)
            return False

        term.wait(done, f"the prompt after {command!r}")
        lines = term.screen.splitlines()
        last = max(at for at, line in enumerate(lines) if line.endswith(f"$ {typed}"))
        return self.as_written("".join(f"{line}\n" for line in lines[last:-1]))

    def answer(self, question: str) -> str:
        if "not shown" in question:
            return self.panels["https://panel.example.com"].key_of("Acme")
        return "y"


def steady(text: str) -> str:
    """Return `text` with all that differs from run to run made equal."""
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_page_says_what_happens(
    page: str,
    panels: dict[str, StandIn],
    config: Callable[..., Path],
    terminal: Callable[..., Terminal],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    text = (ROOT / page).read_text("utf-8")
    vault, cases, rows = tmp_path / "bin" / "pass", "", {}
    for name, (url, organization) in PANELS.items():
        panel = panels[url]
        cases += f"dokploy/{name}) echo {panel.key_of(organization)} ;;\n"
        whose = {"id": panel.organization(organization).id, "name": organization}
        rows[name] = {"url": panel.url, "token": panel.key_of(organization), "organization": whose}
    vault.parent.mkdir()
    vault.write_text(f'#!/bin/sh\ncase "$2" in\n{cases}esac\n', "utf-8")
    vault.chmod(0o755)
    saved = SAVED.search(text)
    if saved:
        config(**{name: rows[name] for name in saved[1].split()})
    shows_prompt = any(match["prompt"] for match in COMMAND.finditer("".join(blocks(page))))
    rc = ["PS1='$ '", f"PATH={vault.parent}:$PATH"]
    rc += [] if shows_prompt else ["export DCTX_PROMPT=0"]
    env = {"NO_COLOR": "1"}
    term = terminal(BASH, rc=rc, ready="$ ", rows=200, columns=160, env=env)
    reader = Reader(term, panels)
    for block in blocks(page):
        shown = "".join(reader.type(match["command"]) for match in COMMAND.finditer(block))
        if request.config.getoption("--update-golden") and steady(shown) != steady(block):
            text = text.replace(f"```console\n{block}", f"```console\n{shown}")
            (ROOT / page).write_text(text, "utf-8")
            continue
        assert steady(shown) == steady(block), "Where that is meant: pytest --update-golden"
