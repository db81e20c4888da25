"""The wheel, and what a terminal that waits has to import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ..shells import BASH, FISH, ROOT, Shell

SCRIPTS = {path.name for path in (ROOT / "shell").iterdir()}
PACKAGE = ROOT / "dokploy_ctx"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_has_the_shell_scripts(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"dokploy_ctx/shell/{name}" for name in SCRIPTS} <= names
    assert "dokploy_ctx/py.typed" in names
    assert not [name for name in names if name.startswith("tests")]


def test_installed_wheel_finds_its_scripts(wheel: Path, tmp_path: Path, config: Any) -> None:
    config("prod")
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, target, wheel], check=True, capture_output=True)
    env = {"PYTHONPATH": str(target), "PATH": f"{target / 'bin'}:{os.environ['PATH']}"}
    ran = BASH.run(
        'eval "$(dctx init bash)"', "dctx prod", BASH.show("?", "DOKPLOY_PROFILE"),
        'echo "$__dctx_bin"', env=env,
    )  # fmt: skip
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": "prod"}
    assert ran.out == f"{target / 'bin' / 'dctx'}\n"


def test_wheel_of_the_source_archive_works_in_an_empty_environment(
    tmp_path: Path, home: Path, config: Any
) -> None:
    """As users get it: archive, wheel of that, an environment in which nothing else is ours."""
    config("prod")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "dist")]
    subprocess.run([*build, ROOT], check=True, capture_output=True)
    built = next((tmp_path / "dist").glob("*.whl"))
    names = set(zipfile.ZipFile(built).namelist())
    assert {f"dokploy_ctx/shell/{name}" for name in SCRIPTS} <= names
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "install", "-q"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(built)], check=True, capture_output=True)
    # What it depends on, without the network: the tests' own, behind its own folder.
    own = Path(sysconfig.get_path("purelib", vars={"base": str(venv)}))
    (own / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = [str(venv / "bin" / "python"), "-c", "import dokploy_ctx; print(dokploy_ctx.__file__)"]
    found = subprocess.run(where, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).is_relative_to(venv)
    env = {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}"}
    ran = BASH.run(
        "dctx install bash 2>/dev/null >/dev/null", ". ~/.bashrc", "dctx prod",
        BASH.show("?", "DOKPLOY_PROFILE"), 'echo "$__dctx_bin"', env=env,
    )  # fmt: skip
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": "prod"}
    assert ran.out == f"{venv / 'bin' / 'dctx'}\n"


def test_editable_install_finds_its_scripts_beside_the_package() -> None:
    assert not (PACKAGE / "shell").exists()
    code = (
        "import dokploy_ctx.files.paths as p; print(p.__file__); "
        "print(len(p.script_text('dokploy.sh')) > 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert ran.stdout == f"{PACKAGE / 'files' / 'paths.py'}\nTrue\n"


QUICK = {
    "env": ["env", "prod", "--shell", "bash"],
    "list": ["list"],
    "current": ["current"],
    "use": ["use", "prod"],
    "sync": ["sync"],
    "_hook": ["_hook", "--shell", "fish", "switch", "prod"],
}


@pytest.mark.parametrize("name", QUICK)
def test_quick_command_imports_click_and_the_standard_library_only(name: str, config: Any) -> None:
    config("prod", "staging")
    program = (
        "import sys, atexit\n"
        "from dokploy_ctx.cli import main\n"
        "atexit.register(lambda: sys.stderr.write('MODULES ' + ' '.join(sys.modules)))\n"
        f"main({QUICK[name]!r})\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    loaded = {each.partition(".")[0] for each in ran.stderr.split("MODULES ")[1].split()}
    third = {each for each in loaded if each not in sys.stdlib_module_names}
    # What site starts by itself in this environment is not ours.
    plain = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    third -= {each.partition(".")[0] for each in plain.stdout.split()}
    assert third == {"click", "dokploy_ctx"}


def test_env_knows_the_shell_that_asks(any_shell: Shell, config: Any, dctx: Any) -> None:
    """fish, or one that reads what is for sh: not by $SHELL, which names the login shell."""
    config("prod")
    other = "/bin/bash" if any_shell is FISH else "/usr/bin/fish"
    any_shell.run("dctx env prod >said", "true", env={"SHELL": other})
    like = "fish" if any_shell is FISH else "sh"
    said = [Path("said").read_text(), dctx("env", "prod", "--shell", like).out]
    # Each names the program that was run, by the path that it was run by.
    assert len({re.sub(r"[^ ('=]*/bin/dctx", "dctx", text) for text in said}) == 1


@pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="the parent's name is asked of ps")
def test_env_knows_its_parent_without_many_imports(config: Any) -> None:
    config("prod")
    program = (
        "import sys, atexit\n"
        "from dokploy_ctx.cli import main\n"
        "slow = {'dataclasses', 'dokploy_ctx.shells.which_shell', 'shellingham', 'subprocess'}\n"
        "atexit.register(lambda: print('MODULES', *slow & {*sys.modules}))\n"
        "main(['env', 'prod'])\n"
    )
    ran = subprocess.run(
        ["bash", "-c", '"$0" "$@"; exit', sys.executable, "-c", program],
        capture_output=True,
        text=True,
    )
    assert ran.stdout.splitlines()[-1] == "MODULES", ran.stderr
