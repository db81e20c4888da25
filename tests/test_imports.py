"""Imports point down only: cli → commands → what does things → pure values → names and texts."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from dokploy_ctx import cli, words

from .test_package import PACKAGE, imports

# The lowest layer first; a module may import its own layer and those below it.
LAYERS = (
    {
        *("constants", "errors", "home", "isolation", "masking", "messages", "ownership", "paths"),
        *("profile", "streams", "text", "tool_variables", "urls", "words"),
    },
    {
        *(
            "answer",
            "at_once",
            "atomic",
            "claim",
            "cli_table",
            "compiled",
            "datafolder",
            "document",
            "drawn",
        ),
        *("emit", "fronts", "headers", "index", "look", "pending"),
        *("lock", "naming", "rcfile", "resolve", "session", "share", "templates", "things"),
    },
    {
        *(
            "access_proxy",
            "account",
            "broker",
            "confirm",
            "elsewhere",
            "fanout",
            "cli_files",
            "hook",
            "install",
            "inventory",
            "keys",
            "minting",
            "neighbours",
        ),
        *(
            "official",
            "organizations",
            "own_key",
            "panel",
            "preload",
            "reads",
            "references",
            "refusal",
            "retiring",
            "scripts",
            "sending",
            "store",
            "tls",
        ),
        *("upkeep", "verifying"),
    },
    {"common", "leftovers", "named", "unused"},
    {"commands"},
    {"cli"},
    {"start"},
    {"__main__"},
)
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
# A command that is made of others, and those in two files.
OF_OTHERS = {
    "profiles": {"current", "list_", "remove", "use"},
    "orgs": {"orgs_add"},
    "auth": {"auth_headers"},
    "pick": {"list_"},
    "run": {"exec_"},
    "find": {"switch"},  # a profile may be called so
}
MODULES = sorted(path for path in PACKAGE.glob("*.py") if path.stem != "__init__")
COMMANDS = sorted(path for path in PACKAGE.glob("commands/*.py") if path.stem != "__init__")


def own(path: Path) -> set[str]:
    """Return the modules of ours that a file imports; `from . import __version__` is none."""
    found = {name[1:] for name in imports(path) if name.startswith(".")}
    return found - {"__version__", ""}


def test_every_module_has_a_layer() -> None:
    assert {path.stem for path in MODULES} == set(RANK) - {"broker", "commands"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_imports_its_own_layer_and_those_below(path: Path) -> None:
    wrong = {name for name in own(path) if RANK[name] > RANK[path.stem]}
    assert wrong == set()


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_command_imports_no_command_and_not_the_cli(path: Path) -> None:
    names = own(path)
    tree = ast.walk(ast.parse(path.read_text()))
    # `from ..install import x` is the policy, `from .install import x` would be the command.
    commands = {n.module or "" for n in tree if isinstance(n, ast.ImportFrom) and n.level == 1}
    assert commands == OF_OTHERS.get(path.stem, set())
    assert not names & {"cli", "__main__"}
    assert {RANK[name] for name in names - commands} <= set(range(RANK["commands"]))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_can_be_imported_first(path: Path) -> None:
    """No order of imports hides a circle."""
    if path.stem == "__main__":
        return
    code = f"import dokploy_ctx.{path.stem}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_table_of_commands_names_what_there_is() -> None:
    for name, (module, function, _) in {**words.COMMANDS, **cli.HIDDEN}.items():
        command = getattr(importlib.import_module(f"dokploy_ctx.commands.{module}"), function)
        assert command.name == name
