"""The stand-in imports the standard library and itself alone."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import tests.standin

FOLDER = Path(tests.standin.__file__).parent


def test_standin_imports_the_standard_library_and_itself_only() -> None:
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found = {alias.name.partition(".")[0] for alias in node.names}
                assert found <= sys.stdlib_module_names, file.name
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).partition(".")[0] in sys.stdlib_module_names, file.name
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1, file.name
