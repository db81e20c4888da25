"""The rows of shells: core, scripts and tests name the same ones, and each finds its own line."""

from __future__ import annotations

import re

import pytest

from dokploy_ctx.model.session import Change
from dokploy_ctx.shells import rc_file, rows
from dokploy_ctx.shells.rows.row import MARK

from ..shells import BY_DIALECT, ROOT, Shell

# What the scripts of shell/ are that no terminal loads.
OTHERS = {"cjs", "txt"}


def test_rows_scripts_and_tests_name_the_same_shells() -> None:
    assert set(BY_DIALECT) == set(rows.HOOKED)
    modules = {path.stem for path in (ROOT / "dokploy_ctx/shells/rows").glob("[a-z]*.py")}
    assert modules - {"row", "posix"} == set(rows.SHELLS)
    scripts = {path.suffix[1:] for path in (ROOT / "shell").iterdir()}
    assert scripts - OTHERS == set(rows.SHELLS)


def test_each_script_is_in_a_piece_and_each_piece_is_of_scripts() -> None:
    named = {script for row in rows.every() for _, scripts in row.pieces for script in scripts}
    named |= {script for row in rows.every() for script in row.leaving}
    there = {path.name for path in (ROOT / "shell").iterdir() if path.suffix[1:] not in OTHERS}
    assert there - named == {"direnv.sh", "dokploy.sh", "reads.sh"}
    assert named <= there


def test_shell_is_what_its_module_is_called() -> None:
    assert [rows.spelling(name).name for name in rows.SHELLS] == list(rows.SHELLS)
    assert {rows.spelling(rows.spelling(name).kind).kind for name in rows.SHELLS} <= set(
        rows.SHELLS
    )
    for row in rows.every():
        assert row.pieces[0][0] == "core"


@pytest.mark.parametrize("path", ["/d/hook", "/a b/it's $HOME `x`", "/{file}/{}", "/中"])
def test_line_of_each_shell_is_found_again(path: str) -> None:
    for row in rows.every():
        line = row.line.format(file=row.quote(path))
        text = rc_file.with_line(b"alias a=b\n", line)
        match = row.ours.search(text)
        assert match, row.name
        assert rc_file.ours().search(text), row.name
        assert rc_file.without_line(text) == (b"alias a=b\n", 0)
        # A comment, somebody's own line, and one that they changed are not ours.
        for own in (f"# {line}  {MARK}\n", f"echo a  {MARK}\n", f"true; {line}  {MARK}\n"):
            assert not rc_file.ours().search(own.encode()), row.name


def test_terminal_and_core_load_the_hook_alike() -> None:
    for row in rows.every():
        shell: Shell = BY_DIALECT[row.name]
        assert shell.hook == row.init
        assert shell.source("/a b/c") == row.source.format(file=row.quote("/a b/c"))
        assert re.fullmatch(row.line_pattern, row.line.format(file="x"))


def test_change_that_only_exports_or_only_unsets_is_made(any_shell: Shell) -> None:
    spelling = rows.spelling(any_shell.dialect)
    exports, unsets = Change(), Change()
    exports.export["DCTX_ORG"] = "Acme"
    unsets.unset.append("DCTX_ORG")
    show = any_shell.show("?", "DCTX_ORG")
    ran = any_shell.run(spelling.text(exports), show, spelling.text(unsets), show,
                        spelling.text(Change()), show)  # fmt: skip
    assert ran.shown == [
        {"?": "0", "DCTX_ORG": "Acme"}, {"?": "0", "DCTX_ORG": None}, {"?": "0", "DCTX_ORG": None},
    ], ran.err  # fmt: skip
