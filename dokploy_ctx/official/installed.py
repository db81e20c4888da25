"""Find the installed official CLI: its program, its package, its own config.json."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from typing import Any

from ..errors import ConfigError, DctxError
from ..files import paths
from ..model.profile import quoted

_SHIM = b"# dctx shim"  # the same mark that the shim looks for (shell/dokploy.sh)
# pnpm and others install a script that runs the package.
_WRAPPED = re.compile(rb'(\$basedir)?(/[^"\s:]*@dokploy/cli)/')


def is_shim(path: str) -> bool:
    """Return whether the program `path` says that it is a shim of dctx, of any user or version.

    This is for the search for the real CLI, so that two shims never run each other for ever. It is
    no reason to trust the program.
    """
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(256).split(b"\n")
    except OSError:
        return False
    return len(head) > 1 and head[0] == b"#!/bin/sh" and head[1].startswith(_SHIM)


def is_own_shim(path: str) -> bool:
    """Return whether the program `path` is the shim in our own data folder.

    It asks for confirmation by itself. A mark in the file is not enough to know that: any program
    could have it, and would get the key of a protected profile without a question.
    """
    own = os.path.join(paths.shims_dir(), "dokploy")
    with contextlib.suppress(OSError):
        return os.path.samefile(path, own)
    return False


def programs(path: str) -> list[str]:
    """Return every program `dokploy` on the PATH `path`, in that order, including shims."""
    found = []
    for folder in path.split(os.pathsep):
        program = os.path.join(folder or ".", "dokploy")
        if os.path.isfile(program) and os.access(program, os.X_OK) and program not in found:
            found.append(program)
    return found


def find(path: str) -> str | None:
    """Return the real CLI on the PATH `path`, as the shim finds it, or None."""
    return next((program for program in programs(path) if not is_shim(program)), None)


def package_folder(program: str) -> str | None:
    """Return the folder of the package that `program` belongs to, or None."""
    folder = os.path.dirname(os.path.realpath(program))
    while True:
        if _package(folder).get("name") == "@dokploy/cli":
            return folder
        if folder == os.path.dirname(folder):
            break
        folder = os.path.dirname(folder)
    try:
        with open(program, "rb") as file:
            match = _WRAPPED.search(file.read(4096))
    except OSError:
        return None
    if not match:
        return None
    start = os.path.dirname(os.path.abspath(program)) if match[1] else ""
    wrapped = os.path.realpath(start + os.fsdecode(match[2]))
    return wrapped if _package(wrapped) else None


def _package(folder: str) -> dict[str, Any]:
    try:
        with open(os.path.join(folder, "package.json"), "rb") as file:
            data = json.load(file)
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def version(program: str) -> str:
    """Return the CLI's version from its package, "" if not known."""
    folder = package_folder(program)
    return str(_package(folder).get("version") or "") if folder else ""


def runtime(program: str, path: str) -> str:
    """Return what runs the CLI: "node 24.19.0" or "bun 1.3.0", "" if not known."""
    with contextlib.suppress(OSError), open(program, "rb") as file:
        words = file.readline(256).removeprefix(b"#!").split()
        named = [os.fsdecode(word) for word in words if word != b"-S"][-1:]
        # A wrapper script, as pnpm makes, runs the `node` on PATH.
        engine = named[0] if named and named[0].endswith(("node", "bun")) else "node"
        environ = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"} | {"PATH": path}
        show = "const v = process.versions; console.log(v.bun ? 'bun ' + v.bun : 'node ' + v.node)"
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [shutil.which(engine, path=path) or engine, "-e", show],
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=10,
            )
            return done.stdout.decode("utf-8", "replace").strip()
    return ""


def legacy(path: str) -> tuple[str, str, str]:
    """Return URL, key and path of what `dokploy auth` of the CLI on the PATH `path` saved.

    It is config.json in the package's own folder (Dokploy/cli, src/client.ts). Raises DctxError
    (exit 1) if there is no such file, ConfigError (exit 4) if it is damaged.
    """
    program = find(path)
    if program is None:
        raise DctxError("the official CLI is not on PATH. Run: dctx import FILE")
    folder = package_folder(program)
    if folder is None:
        raise DctxError(f"{quoted(program)} is not the package @dokploy/cli. Run: dctx import FILE")
    file = os.path.join(folder, "config.json")
    try:
        with open(file, "rb") as handle:
            data = json.load(handle)
    except FileNotFoundError:
        raise DctxError(
            f"the official CLI has saved nothing (no {file}). Run: dctx auth NAME -u URL"
        ) from None
    except OSError as error:
        raise DctxError(f"cannot read {file}: {error.strerror}. Check its permissions.") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{file} is not valid JSON. Run: dctx auth NAME -u URL") from None
    url, key = (data.get("url"), data.get("token")) if isinstance(data, dict) else (None, None)
    if not (isinstance(url, str) and isinstance(key, str) and url and key):
        raise ConfigError(f"{file} has no url and token. Run: dctx auth NAME -u URL")
    return url, key, file
