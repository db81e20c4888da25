"""What README and docs name exists: commands as click reads them, exit codes, variables, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile

import click
import pytest

from dokploy_ctx import errors
from dokploy_ctx.cli import cli
from dokploy_ctx.reserved import ALIASES, COMMANDS, HIDDEN

from ..shells import ROOT

PAGES = {
    str(page.relative_to(ROOT)): page.read_text("utf-8")
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
}
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
# What stands before a command in a line of a script, a job or a table of cron.
COMMAND = re.compile(r"""(?:^\s*|[|;(&"'/@]|[|;&-] )dctx (.*)""")
OPERATORS = {"|", "||", "&", "&&", ";", ">", ">>", "<", "(", ")", ");"}
EXIT = re.compile(r"exit(?:s with)?(?: code)?s? (\d+)", re.IGNORECASE)
VARIABLE = re.compile(r"(?<![\w{.])(?:_DCTX|DCTX|DOKPLOY)_[A-Z][A-Z_]*\b(?!\*)")


def command_lines(text: str) -> Iterator[str]:
    """Yield what stands behind each `dctx` in the code of a page, to the end of its line."""
    fences = FENCE.findall(text)
    for fence in fences:
        for line in fence.replace("\\\n", " ").splitlines():
            printed = re.match(r"\S+: ", line)  # what a program says of itself
            found = COMMAND.search(line.removeprefix("$ "))
            if found and not printed:
                yield found[1]
    for span in SPAN.findall(FENCE.sub("", text)):
        if span.startswith("dctx "):
            yield span.removeprefix("dctx ")


def words(line: str) -> list[str]:
    """Return the words of a command up to what a shell does with them: `| jq`, `> file`, `)`."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[str] = []
    with suppress(ValueError):  # the quote around the whole command: eval "$(dctx ...)"
        found.extend(takewhile(lambda word: word not in OPERATORS, lexer))
    return [word.rstrip(")'\"") for word in found]


def fault(argv: list[str]) -> str:
    """Return why `dctx` does not accept these words, or ""."""
    try:
        parse(argv)
    except (click.UsageError, errors.DctxError) as error:
        return str(error)
    return ""


def parse(argv: list[str]) -> None:
    """Parse a command line as `dctx` does, without running it. Raises click's UsageError."""
    try:
        ctx = cli.make_context("dctx", list(argv))
        command: click.Command = cli
        while isinstance(command, click.Group) and (ctx._protected_args or ctx.args):
            rest = [*ctx._protected_args, *ctx.args]
            if command is cli and rest[0] not in {*COMMANDS, *ALIASES, *HIDDEN}:
                if rest[0].startswith("-") and rest != ["-"]:
                    raise click.NoSuchOption(rest[0])
                if len(rest) > 1:
                    raise click.UsageError(f"words after the profile {rest}")
                return
            name, inner, rest = command.resolve_command(ctx, rest)
            assert inner is not None
            command, ctx = inner, inner.make_context(name, rest, parent=ctx)
    except click.exceptions.Exit:  # --help, --version
        return
    except click.MissingParameter:  # the name of a command, in a sentence
        return
    except click.BadOptionUsage as error:  # the same of an option: `dctx auth prod -u`
        if "requires an argument" not in str(error):
            raise


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_command_lines_parse(page: str) -> None:
    wrong = {line: fault(words(line)) for line in command_lines(PAGES[page])}
    assert {line: why for line, why in wrong.items() if why} == {}


def test_the_reader_of_command_lines_sees_faults() -> None:
    text = '`dctx list --jsno`\n```sh\nx="$(dctx env --shell bsh)"\n$ dctx prod more\n```\n'
    found = [words(line) for line in command_lines(text)]
    assert found == [["env", "--shell", "bsh"], ["prod", "more"], ["list", "--jsno"]]
    assert all(fault(argv) for argv in found)


def test_readme_lists_every_command() -> None:
    table = PAGES["README.md"].partition("| command | does |")[2].partition("\n\n")[0]
    first = [row.split("|")[1] for row in table.splitlines()[2:]]
    named = re.findall(r"`dctx (\w+)[^`]*`", "\n".join(first))
    assert sorted({*named} - {"NAME"}) == sorted(COMMANDS)
    assert {*re.findall(r"\(`(\w+)`\)", "\n".join(first))} == {*ALIASES}


def codes() -> set[int]:
    kinds: list[type[errors.DctxError]] = [errors.DctxError]
    kinds += errors.DctxError.__subclasses__()
    return {kind.code for kind in kinds} | {0}


@pytest.mark.parametrize("page", PAGES)
def test_exit_codes_exist(page: str) -> None:
    assert {int(code) for code in EXIT.findall(PAGES[page])} <= codes()


def test_reference_and_troubleshooting_have_every_exit_code() -> None:
    line = re.search(r"(?s)Exit codes: (.*?)\n\n", PAGES["docs/reference.md"])
    assert line
    assert {int(code) for code in re.findall(r"\b(\d+) ", line[1])} == codes()
    rows = re.findall(r"^\| (\d+) \|", PAGES["docs/troubleshooting.md"], re.MULTILINE)
    assert {int(row) for row in rows} == codes() - {0}


# docs/tools.md names the variables of other programs, which test_docs_tools.py gives them.
@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/tools.md"])
def test_variables_exist(page: str) -> None:
    source = (ROOT / "Makefile").read_text("utf-8") + "\n".join(
        path.read_text("utf-8")
        for folder in ("dokploy_ctx", "shell")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sh", ".bash", ".zsh", ".fish", ".cjs")
    )
    of_the_page = {*re.findall(r"secrets\.(\w+)", PAGES[page]), "_DCTX_S_X"}  # X is any variable
    named = set(VARIABLE.findall(PAGES[page])) - of_the_page
    assert {name for name in named if not re.search(rf"\b{name}\b", source)} == set()


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", PAGES[page])):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text("utf-8")), target


def test_readme_links_every_page() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)\)", PAGES["README.md"]))
    # For those who work on dctx; ARCHITECTURE.md links them.
    inner = {"internals.md", "dokploy-api.md"}
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")} - inner
