"""Every sentence that a person reads has plain words, and each error ends in what to do."""

from __future__ import annotations

import ast
import contextlib
import fcntl
import itertools
import json
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dokploy_ctx.cli import cli
from dokploy_ctx.reserved import COMMANDS
from dokploy_ctx.text import messages
from dokploy_ctx.text.terminal import width

from ..shells import ROOT

FOREIGN = re.compile(
    r"in force|\bmend(s|ed|ing)?\b|\bhand(s|ed|ing)? out\b|\bt(ak(e|es|en|ing)|ook) out\b"
    r"|\bcarr(y|ies|ied|ying)\b|\bis none\b|(?<!there )\bis no (?!longer\b)|where that is there",
    re.IGNORECASE,
)
ERRORS = {
    *("DctxError", "Saved", "Busy", "UsageError", "NoSuchProfile", "ConfigError"),
    *("PanelError", "Refused"),
}
# What does not help by itself after the first sentence.
COMFORT = re.compile(r" Nothing was \w+\.| It is not read\.")
# A second sentence, a question, or a command.
WAY_OUT = re.compile(
    r"[.;] [A-Z{][^.]|\{error\}$|Did you mean|: dctx |\b(Run|run|See|Use|use|Try|set)\b[^.]*[:=]? "
)
MODULES = sorted((ROOT / "dokploy_ctx").rglob("*.py"))
SCRIPTS = sorted(path for path in (ROOT / "shell").iterdir() if path.is_file())
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if path.name not in ("internals.md", "dokploy-api.md")  # for those who read the sources
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(node: ast.expr) -> str | None:
    """Return the text of a string literal, with `{}` for inserted values, or None."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(text_of(value) or "{}" for value in values)
        case ast.FormattedValue(
            value=ast.Name(id="error" | "NO_BACKEND") | ast.Call(func=ast.Name(id="_reason"))
        ):
            return "{error}"  # which is such a sentence itself
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = text_of(left), text_of(right)
            if first is None and second is None:
                return None
            return (first or "{}") + (second or "{}")
    return None


def docstrings(tree: ast.AST) -> set[ast.expr]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                found.add(first.value)
    return found


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string that is not a docstring: those of commands are help."""
    tree = ast.parse(path.read_text("utf-8"))
    left_out = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in left_out:
            text = text_of(node)
            if text and " " in text.strip():
                yield node.lineno, text


def errors(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each error that is raised with a whole sentence."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            kind = node.func
            text = text_of(node.args[0])
            named = kind.id if isinstance(kind, ast.Name) else getattr(kind, "attr", "")
            if named in ERRORS and text:
                yield node.lineno, text


# What puts a sentence on a terminal, besides errors.
SAYING = {"say", "tell", "warn", "yes_or_no", "text", "Finding"}
# In place of what is put in: as long as much of it gets, and of a word that is never broken.
FILLS = ("https://panel.eu-central.example.com", "client-acme-production", "2027-02-22")


def said(path: Path) -> Iterator[str]:
    """Yield what a module says: errors, messages, questions and findings, each part filled in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            kind = node.func
            named = kind.id if isinstance(kind, ast.Name) else getattr(kind, "attr", "")
            if named in ERRORS | SAYING:
                texts = [text_of(arg) for arg in node.args]
                for text in filter(None, texts):
                    fills = itertools.cycle(FILLS)
                    first, *rest = re.split(r"\{(?:error)?\}", text)
                    yield first + "".join(next(fills) + part for part in rest)


def test_every_message_fits_80_columns_and_stays_a_line_in_a_pipe() -> None:
    """Said by the real function to a real terminal: of 80 columns, and of one that says nothing."""
    texts = [text for path in MODULES for text in said(path)]
    texts += [text.replace("%s", FILLS[1]) for text in messages.SHELL.values()]
    assert len(texts) > 300
    assert sum(len(text) > 80 for text in texts) > 100
    code = (
        "import json, sys; from dokploy_ctx.text.streams import say\nfor x in json.load(sys.stdin):"
    )
    command = [sys.executable, "-c", f"{code} say(x)"]
    given = json.dumps(texts)
    piped = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    whole = [f"dctx: {text}" for text in texts]
    assert piped.stderr.splitlines() == whole
    for columns in (80, 0):
        lines = on_a_terminal(command, given, columns)
        wide = [line for line in lines if width(line) > 80]
        assert [line for line in wide if " " in line and not line.startswith("dctx ")] == []
        assert len(wide) < 5
        assert " ".join(" ".join(lines).split()) == " ".join(" ".join(whole).split())


def on_a_terminal(command: list[str], given: str, columns: int) -> list[str]:
    """Return the lines that a command writes to a terminal on stderr."""
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=slave, text=True)
    os.close(slave)
    assert process.stdin is not None
    with process, process.stdin as stdin:
        stdin.write(given)
        stdin.close()
        output = b""
        with contextlib.suppress(OSError):  # Linux: EIO at the end
            while chunk := os.read(master, 65536):
                output += chunk
    os.close(master)
    assert process.returncode == 0
    return output.decode().splitlines()


def test_every_message_goes_through_the_one_door() -> None:
    """What writes to stderr by itself is laid out by nobody."""
    writes = re.compile(r"sys\.stderr\.write\(|\bprint\(|os\.write\(2|click\.echo\([^)]*err")
    found = {
        f"{name(path)}: {line.strip()}"
        for path in MODULES
        for line in path.read_text("utf-8").splitlines()
        if writes.search(line)
    }
    assert found == {
        'dokploy_ctx/__init__.py: sys.stderr.write(OLD_PYTHON % sys.executable + "\\n")',
        "dokploy_ctx/commands/shared/ask.py: click.echo(err=True)",  # the end of a line
        # In handlers of signals, which may do no more; both are short.
        'dokploy_ctx/panel/key_creation.py: os.write(2, f"dctx: {doing}\\n".encode())',
        'dokploy_ctx/start.py: os.write(2, b"dctx: cancelled.\\n")',
        # One line that shows who is waited for, and is overwritten.
        "dokploy_ctx/commands/verify.py: sys.stderr.write(f\"\\r{' ' * columns}\\r{text}\")",
        "dokploy_ctx/shells/launch.py: "  # noqa: ISC004
        'f"(sys.stderr.write({OLD_PYTHON!r} % sys.executable + chr(10)), sys.exit(126)); "',
        'dokploy_ctx/text/streams.py: sys.stderr.write(f"{laid_out(message)}\\n")',
    }


def commands(path: str = "dctx", command: click.Command = cli) -> Iterator[tuple[str, str]]:
    """Yield each command and its help, as it is shown at 80 columns."""
    ctx = click.Context(command, info_name=path, max_content_width=80, terminal_width=80)
    yield path, command.get_help(ctx)
    if isinstance(command, click.Group):
        for word in command.list_commands(ctx):
            inner = command.get_command(ctx, word)
            assert inner is not None
            yield from commands(f"{path} {word}", inner)


def test_messages_have_no_foreign_words() -> None:
    wrong = [
        f"{name(path)}:{line}: {text}"
        for path in MODULES
        for line, text in literals(path)
        if FOREIGN.search(text)
    ]
    assert wrong == []


def test_no_message_begins_with_it_is() -> None:
    """A part that is put behind a noun may: "the answer cannot be read: it is larger than 8 MB"."""
    texts = [text for path in MODULES for text in said(path)]
    texts += [text.removeprefix("dctx: ") for text in messages.SHELL.values()]
    assert [text for text in texts if re.match(r"it is\b", text, re.IGNORECASE)] == []


def test_scripts_say_nothing_foreign() -> None:
    wrong = [
        f"{name(path)}:{number}: {line}"
        for path in SCRIPTS
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if FOREIGN.search(line) and not line.lstrip().startswith(("#", "//"))
    ]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_have_no_foreign_words(page: Path) -> None:
    text = " ".join(page.read_text("utf-8").split())
    assert [text[m.start() - 30 : m.end() + 30] for m in FOREIGN.finditer(text)] == []


def test_each_error_ends_in_something_to_do() -> None:
    wrong = [
        f"{name(path)}:{line}: {text}"
        for path in MODULES
        for line, text in errors(path)
        if not WAY_OUT.search(COMFORT.sub("", text).strip())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    ["--all cannot be used with NAMES.", "cannot write {}. Nothing was changed.", "not saved."],
)
def test_the_reader_of_errors_sees_a_dead_end(text: str) -> None:
    assert not WAY_OUT.search(COMFORT.sub("", text).strip())


def test_help_is_plain_and_fits_80_columns() -> None:
    found = dict(commands())
    assert {f"dctx {word}" for word in COMMANDS} <= {*found}
    wide = [line for text in found.values() for line in text.splitlines() if len(line) > 80]
    assert wide == []
    assert [path for path, text in found.items() if FOREIGN.search(" ".join(text.split()))] == []


def test_wrapper_says_the_messages_of_the_one_place() -> None:
    said = re.compile(r"(?:printf|echo)[^#]*\bdctx: [a-z]")
    wrong = [
        f"{name(path)}: {line}"
        for path in SCRIPTS
        # direnv loads that file by itself, without the hook and its messages.
        if path.suffix in (".sh", ".bash", ".zsh", ".fish") and path.name != "direnv.sh"
        for line in path.read_text("utf-8").splitlines()
        if said.search(line) and not line.lstrip().startswith("#")
    ]
    assert wrong == []
