"""Imports point one way, no order of them hides a circle, and each library has its importer.

Which folder may import which stands in pyproject.toml (import-linter), with the reasons.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from dokploy_ctx import reserved
from dokploy_ctx.takes import load

from ..shells import ROOT

PACKAGE = ROOT / "dokploy_ctx"
SOURCES = sorted(PACKAGE.rglob("*.py"))
# Which modules may import a library, below dokploy_ctx/.
ONLY_IN = {
    "httpx": {"panel/http.py"},
    "aiohttp": {"broker/clients.py", "broker/proxy.py", "broker/run.py"},
    "truststore": {"panel/tls.py"},
    "platformdirs": {"files/paths.py"},
    "shellingham": {"shells/which_shell.py"},
    "fcntl": {"files/lock.py", "files/pending_keys.py"},
    "keyring": {"files/system_keyring.py"},
    "wcwidth": {"text/terminal.py"},
}
# What decides, and reads and writes nothing.
PURE = [
    *(PACKAGE / f"{name}.py" for name in ("constants", "errors", "reserved", "shells/hook_answer")),
    PACKAGE / "shells" / "emit.py",
    PACKAGE / "shells" / "rows" / "posix.py",
    *sorted((PACKAGE / "model").glob("*.py")),
    *(PACKAGE / "text" / f"{name}.py" for name in ("foreign", "masking", "messages")),
]


def libraries(path: Path) -> set[str]:
    """Return the packages that a file imports, but for our own."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_each_module_can_be_imported_first() -> None:
    """In a process of its own each: no order of imports hides a circle."""
    code = (
        "import importlib, os, sys\n"
        "for name in sys.argv[1:]:\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        importlib.import_module(name)\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(pid, 0)[1] == 0, name\n"
    )
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in SOURCES
        if path.stem != "__main__"
    ]
    assert len(names) > 100
    ran = subprocess.run(
        [sys.executable, "-c", code, *names], cwd=ROOT, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_each_library_has_its_importer() -> None:
    for path in SOURCES:
        for library, where in ONLY_IN.items():
            if library in libraries(path):
                assert path.relative_to(PACKAGE).as_posix() in where, (path, library)


def test_what_decides_imports_the_standard_library_alone() -> None:
    for path in PURE:
        found = libraries(path)
        assert found <= set(sys.stdlib_module_names), path
        assert not found & {"os", "subprocess", "socket"}, path


def test_click_is_only_in_commands() -> None:
    for path in SOURCES:
        # takes.py reads commands, and imports no click for it: a type checker does.
        if path.name not in ("cli.py", "takes.py") and PACKAGE / "commands" not in path.parents:
            assert "click" not in libraries(path), path


def test_table_of_commands_names_what_there_is() -> None:
    for name in (*reserved.COMMANDS, *reserved.HIDDEN):
        command = load(name)
        assert command is not None and command.name == name
