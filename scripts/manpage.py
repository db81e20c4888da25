"""Make docs/dctx.1, the man page, from the help of each command and from docs/reference.md.

    .build/venv/bin/python scripts/manpage.py [--check]

The help texts stay the one home of what a command does; the tables of variables and files and the
exit codes are copied from docs/reference.md. `--check` writes nothing and fails where the page
is out of date.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dokploy_ctx import __version__  # noqa: E402  (a script finds the package by its own path)
from dokploy_ctx.cli import cli  # noqa: E402
from dokploy_ctx.reserved import COMMANDS  # noqa: E402

PAGE = ROOT / "docs" / "dctx.1"


def escaped(text: str) -> str:
    """Return `text` for roff, without requests, escapes, or hyphens at which a line may break."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"(?m)^(?=[.'])", r"\\&", text)


def plain(text: str) -> str:
    """Return Markdown without its marks."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    return text.replace("`", "").replace("\\|", "|").replace("**", "").strip()


def rows(text: str, heading: str) -> Iterator[tuple[str, str]]:
    """Yield the two cells of each row of the table whose first heading is this."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        first, second, *_ = re.split(r"(?<!\\)\|", line.strip("|"))
        yield plain(first), plain(second)


def tagged(pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Yield a paragraph for each pair, the first bold."""
    for name, meaning in pairs:
        yield f".TP\n\\fB{escaped(name)}\\fR\n{escaped(meaning)}"


def of_command(path: str, command: click.Command) -> Iterator[str]:
    """Yield the help of a command and of its subcommands."""
    ctx = click.Context(command, info_name=path, max_content_width=78)
    usage = command.get_usage(ctx).removeprefix("Usage: ")
    body = command.get_help(ctx).partition("\n\n")[2]
    yield f".SS {escaped(usage)}\n.nf\n{escaped(body.rstrip())}\n.fi"
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            if inner is not None:
                yield from of_command(f"{path} {name}", inner)


def page() -> str:
    """Return the man page."""
    ctx = click.Context(cli, info_name="dctx")
    first, _, rest = (cli.help or "").partition("\n")
    parts = [
        f'.TH DCTX 1 "" "dctx {__version__}" "User Commands"',
        f".SH NAME\ndctx \\- {escaped(first.strip().rstrip('.'))}",
        f".SH SYNOPSIS\n.B dctx\n{escaped(cli.subcommand_metavar or '')}",
        f".SH DESCRIPTION\n.nf\n{escaped(_dedented(rest))}\n.fi",
        ".SH COMMANDS",
    ]
    for name in COMMANDS:
        command = cli.get_command(ctx, name)
        if command is not None:
            parts += of_command(f"dctx {name}", command)
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    parts += [".SH ENVIRONMENT", *tagged(rows(reference, "variable"))]
    parts += [".SH FILES", *tagged(rows(reference, "file"))]
    codes = re.search(r"(?s)Exit codes: (.*?)\n\n", reference)
    if not codes:
        raise SystemExit("manpage: docs/reference.md has no exit codes")
    parts += [".SH EXIT STATUS", escaped(plain(codes.group(1)))]
    parts += [".SH SEE ALSO", "dokploy(1), the official CLI. The pages in docs/ of the source."]
    return "\n".join(parts) + "\n"


def _dedented(text: str) -> str:
    import textwrap

    return textwrap.dedent(text).strip()


def main() -> int:
    """Write the page, or compare it with --check; return the exit code."""
    importlib.import_module("dokploy_ctx.commands")
    new = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text("utf-8") == new
        if not same:
            print(
                "docs/dctx.1 is not of these help texts. Run: scripts/manpage.py", file=sys.stderr
            )
        return 0 if same else 1
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
