"""Each version of the official CLI has a table of its own, or the shipped one is used.

Not a part of an ordinary run: `make matrix` runs it with each version, in DCTX_MATRIX_CLI.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from dokploy_ctx.files import data_folder
from dokploy_ctx.official import installed, tab_files

# Read here: a test sees none of the caller's variables.
PATH = os.pathsep.join((os.environ["DCTX_MATRIX_CLI"], os.environ["DCTX_MATRIX_NODE"]))


def test_table_of_this_cli(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    data_folder.write(str(folder), tab_files.shipped())
    before = {file.name: file.read_text() for file in (folder / "cli").iterdir()}
    tab_files.refresh(str(folder), PATH)
    program = installed.find(PATH)
    assert program is not None
    ran = subprocess.run(
        [program, "--help"], env={**os.environ, "PATH": PATH}, capture_output=True, text=True
    )
    groups = re.findall(r"^  ([a-z][a-z-]+) ", ran.stdout.partition("Commands:")[2], re.MULTILINE)
    after = {file.name: file.read_text() for file in (folder / "cli").iterdir()}
    if installed.version(program).startswith(("0.2.", "v0.2.")):
        assert after == before
    else:
        own = {line.partition("\x1f")[0] for line in after[".groups"].splitlines()}
        assert own - {"profiles"} == set(groups) - {"help", "verify"}
        assert program.partition("node_modules")[0] in after[".of"]
