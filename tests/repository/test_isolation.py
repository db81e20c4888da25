"""What the environment and the working directory must not choose: what Python loads for dctx."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.shells import rows

from ..answers import asked
from ..conftest import Result
from ..files.test_store import PROGRAM
from ..shells import ROOT

Dctx = Callable[..., Result]
# What dctx, click and Python's own modules import: each would be taken from a repository.
NAMES = ("click", "json", "signal", "inspect", "typing", "re", "enum", "collections", "dokploy_ctx")
# What pip of before 2025 makes of our entry point imports `re`, and with it more, before it asks
# us; and where our own package is looked for is settled before our first line.
BEFORE_US = ("re", "enum", "collections", "dokploy_ctx")


@pytest.fixture
def repository(home: Path) -> Path:
    """Return a folder whose modules note that they were loaded."""
    folder = home / "repository"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text(
            f"open({str(home / 'loaded')!r}, 'a').write({name!r} + chr(10))\n"
            "raise ImportError('of the repository')\n"
        )
    return folder


ASK = """
import sys
sys.argv[0] = sys.argv[1]
from dokploy_ctx.shells.launch import BEGIN, launcher
print(*launcher(), BEGIN, sep="\\n")
"""


def launched() -> list[str]:
    """Return the words by which hooks and shim start the core."""
    ran = subprocess.run([sys.executable, "-c", ASK, PROGRAM], capture_output=True, text=True)
    python, script, begin = ran.stdout.splitlines()
    return [python, "-ESc", begin, script]


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "nothing": {},
    "PYTHONPATH": {"PYTHONPATH": "."},
    "empty PYTHONPATH": {"PYTHONPATH": ":"},
    "safe path": {"PYTHONSAFEPATH": "1", "PYTHONPATH": "."},
    "startup": {"PYTHONSTARTUP": "click.py"},
    "user base": {"PYTHONUSERBASE": "."},
    "cache": {"PYTHONPYCACHEPREFIX": "."},
    "warnings": {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"},
    "encoding": {"PYTHONIOENCODING": "ascii:strict"},
    "inspect": {"PYTHONINSPECT": "1"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("start", ["launcher", "script"])
def test_environment_and_folder_choose_no_module(
    config: Any, home: Path, repository: Path, start: str, name: str
) -> None:
    config("prod", "stäging")
    if start == "script":
        for file in BEFORE_US:
            (repository / f"{file}.py").unlink()
    ran = subprocess.run(
        [*(launched() if start == "launcher" else [PROGRAM]), "list", "-q"],
        cwd=repository,
        env={**os.environ, **ENVIRONMENTS[name]},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, 'prod\n"stäging"\n', "")
    assert not (home / "loaded").exists()


def test_launcher_needs_no_variable_of_python(config: Any, repository: Path, home: Path) -> None:
    """All variables at once, also an invalid PYTHONHOME, with which Python does not start."""
    config("prod")
    env = {**os.environ, "PYTHONPATH": ".", "PYTHONHOME": "/nonexistent", "PYTHONWARNINGS": "error"}
    ran = subprocess.run(
        [*launched(), "list", "-q"], cwd=repository, env=env, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "prod\n", "")
    assert not (home / "loaded").exists()


def test_command_gets_the_users_own_variables(config: Any, home: Path) -> None:
    config("prod")
    own = {
        "PYTHONPATH": ".:/x",
        "PYTHONWARNINGS": "error",
        "PYTHONINSPECT": "",
        "PYTHONHASHSEED": "7",
    }
    show = (
        "import json, os\n"
        "print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('PYTHON')}))\n"
    )
    mine = {k: v for k, v in os.environ.items() if k.startswith("PYTHON")}
    for start in (launched(), [PROGRAM]):
        ran = subprocess.run(
            [*start, "exec", "prod", "--", sys.executable, "-c", show],
            env={**os.environ, **own}, capture_output=True, text=True,
        )  # fmt: skip
        assert json.loads(ran.stdout) == {**mine, **own}, ran.stderr


def test_program_that_pythonpath_finds_is_started_with_it(tmp_path: Path) -> None:
    """`pip install --target`: without PYTHONPATH there would be no dctx at all."""
    target = tmp_path / "target"
    (target / "bin").mkdir(parents=True)
    (target / "dokploy_ctx").symlink_to(ROOT / "dokploy_ctx")
    (target / "shell").symlink_to(ROOT / "shell")
    script = target / "bin" / "dctx"
    text = Path(PROGRAM).read_text()
    script.write_text(text)
    script.chmod(0o755)
    env = {**os.environ, "PYTHONPATH": f"{target}:."}
    ran = subprocess.run(
        [sys.executable, "-c", ASK, script], env=env, capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[:2] == ["", str(script)]
    where = "import sys; print(sys.modules['dokploy_ctx'].__path__)"
    script.write_text(text.replace("sys.exit(main())", where))
    ran = subprocess.run([script], env=env, capture_output=True, text=True)
    assert str(target) in ran.stdout


def test_module_is_run_without_the_working_directory(config: Any, home: Path) -> None:
    config("prod")
    for name in ("click", "json"):
        (home / f"{name}.py").write_text("print('of the folder')\n")
    ran = subprocess.run(
        [sys.executable, "-m", "dokploy_ctx", "list", "-q"], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "prod\n", "")


def test_ctrl_c_while_dctx_starts_is_one_line(config: Any, home: Path) -> None:
    """From the moment that our first line runs; a slow import holds it there, as a cold disk."""
    config("prod")
    code = (
        "import sys, time\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click':\n"
        "            print('importing', flush=True)\n"
        "            time.sleep(20)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "sys.argv[:] = ['dctx', 'list']\n"
        "from dokploy_ctx.start import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-E", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "dctx: cancelled.\n")


@pytest.mark.parametrize("file", ["dokploy_ctx/start.py", "dokploy_ctx/cli.py", "click/core.py"])
def test_ctrl_c_while_the_core_of_a_hook_starts_is_no_traceback(
    config: Any, home: Path, file: str
) -> None:
    """At a moment that strace picks: when Python opens the source or bytecode of `file`."""
    config("acme")
    folder, _, name = file.partition("/")
    module = importlib.import_module(f"{folder}.{name.removesuffix('.py')}")
    paths = [module.__file__ or "", module.__cached__]
    watched = [word for path in paths for word in ("-P", path)]
    inject = ["-e", "trace=openat", "-e", "inject=openat:signal=INT:when=1", *watched]
    ran = subprocess.run(
        ["strace", "-f", "-qq", "-o", str(home / "log"), *inject, *launched(), "list"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "--- SIGINT" in (home / "log").read_text()
    assert ran.returncode in (130, -signal.SIGINT)
    assert ran.stderr in ("", "dctx: cancelled.\n")


@pytest.mark.parametrize("module", ["re", "enum", "dokploy_ctx.isolation", "click.core"])
def test_ctrl_c_while_the_script_of_an_installer_starts_is_no_traceback(
    config: Any, home: Path, module: str
) -> None:
    """The text that pip, pipx and uv write: what it imports comes after our first line."""
    config("acme")
    script = home / "dctx"
    script.write_text("import sys\nfrom dokploy_ctx.start import main\nsys.exit(main())\n")
    found = importlib.import_module(module)
    paths = [found.__file__ or "", found.__cached__]
    watched = [word for path in paths for word in ("-P", path)]
    inject = ["-e", "trace=openat", "-e", "inject=openat:signal=INT:when=1", *watched]
    ran = subprocess.run(
        ["strace", "-f", "-qq", "-o", str(home / "log"), *inject, sys.executable, script, "list"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "--- SIGINT" in (home / "log").read_text()
    assert ran.returncode in (130, -signal.SIGINT)
    assert ran.stderr.strip() in ("", "dctx: cancelled.")


def test_ctrl_c_that_is_ignored_stays_ignored(config: Any, home: Path) -> None:
    """`nohup`-like starts, and background jobs of a script, ignore it."""
    config("prod")
    show = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    line = 'trap "" INT; "$0" exec prod -- "$@"'
    ran = subprocess.run(
        ["sh", "-c", line, PROGRAM, sys.executable, "-c", show], capture_output=True, text=True
    )
    assert ran.stdout == "True\n"


def test_success_is_never_silent(dctx: Dctx, config: Any) -> None:
    """A shell that hears nothing knows that the core did not run."""
    config("prod")
    for shell in rows.SHELLS:
        nothing = rows.spelling(shell).nothing
        assert nothing
        assert dctx("env", "--off", "--shell", shell).out == nothing
        assert dctx("env", "prod", "--shell", shell).out
    assert asked(dctx, "prompt")["done"] == "1"
