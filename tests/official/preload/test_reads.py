"""Every read of the official CLI, run through the shim with all of its arguments."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.standin import StandIn
from tests.standin.queries import TABLE

from ...conftest import Result
from ...shells import ROOT
from .conftest import CLI, Shim

CHUNKS = 8
# A command of the CLI's generated commands.js, up to the query that it calls.
COMMAND = re.compile(r"^    (\w+)\n        \.command\('([^']+)'", re.MULTILINE)


def commands() -> Iterator[tuple[str, str, str]]:
    """Yield group, command and query of each read of the CLI that is installed."""
    source = (CLI.parent / "@dokploy" / "cli" / "dist" / "generated" / "commands.js").read_text()
    groups = dict(re.findall(r"const (\w+) = program\.command\('([^']+)'\)", source))
    pieces = COMMAND.split(source)[1:]
    for group, command, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        query = re.search(r'await apiGet\("([\w.]+)"', text)
        if query:
            yield groups[group], command, query[1]


FIELDS = {line.split(" ")[0]: line.split(" ")[1:] for line in TABLE.splitlines()}
READS = list(commands())


def arguments(query: str) -> tuple[list[str], dict[str, object]]:
    """Return all arguments of a query for the CLI, and what the panel shall get by them."""
    words: list[str] = []
    given: dict[str, object] = {}
    for field in FIELDS[query]:
        name = field.rstrip("?").rstrip("#")
        is_number = "#" in field
        words += [f"--{name}", "7" if is_number else f'"{name}" é&=+%'[:24]]
        given[name] = 7 if is_number else words[-1]
    return words, given


def run_all(
    shim: Shim, reads: list[tuple[str, str, str]], env: dict[str, str | None]
) -> dict[str, Result]:
    """Return the result of each query, two at a time."""

    def run(read: tuple[str, str, str]) -> tuple[str, Result]:
        group, command, query = read
        return query, shim.run(group, command, *arguments(query)[0], env=env)

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(run, reads))


def test_there_are_as_many_reads_as_the_stand_in_knows() -> None:
    assert len(READS) == len(FIELDS) == 226
    assert {query for _, _, query in READS} == set(FIELDS)


def test_the_stand_ins_table_is_that_of_the_installed_cli() -> None:
    script = ROOT / "scripts" / "queries.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_read_is_refused_for_the_form_of_its_input(
    chunk: int, shim: Shim, panel: StandIn, tmp_path: Path
) -> None:
    reads = READS[chunk::CHUNKS]
    cache: dict[str, str | None] = {"NODE_COMPILE_CACHE": str(tmp_path / "cache")}
    done = run_all(shim, reads, cache)
    assert {name: ran.err for name, ran in done.items() if "code 400" in ran.err} == {}
    assert {ran.code for ran in done.values()} <= {0, 1}
    arrived = {seen.procedures[0]: seen for seen in panel.requests}
    for _, _, query in reads:
        given = parse_qs(arrived[query].path.partition("?")[2])["input"]
        assert [json.loads(text) for text in given] == [{"json": arguments(query)[1]}]
        said = done[query].err
        assert said == "" or re.fullmatch(r"Request failed with status code 40[134]\n", said), said


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_without_the_preload_each_read_with_arguments_is_refused(
    chunk: int, shim: Shim, tmp_path: Path
) -> None:
    reads = [read for read in READS[chunk::CHUNKS] if FIELDS[read[2]]]
    cache: dict[str, str | None] = {"NODE_COMPILE_CACHE": str(tmp_path / "cache")}
    done = run_all(shim, reads, {**cache, "DCTX_PRELOAD": "0"})
    expected = Result(1, "", "Request failed with status code 400\n")
    assert {name: ran for name, ran in done.items() if ran != expected} == {}


def test_a_read_that_finds_something_prints_it(shim: Shim, panel: StandIn) -> None:
    project = panel.projects[0]
    ran = shim.run("project", "one", "--projectId", project.id)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["name"] == project.name
    ran = shim.run("organization", "one", "--organizationId", panel.organization("Globex").id)
    assert json.loads(ran.out)["name"] == "Globex"
