"""The first half of `dctx doctor`: dctx itself, the shell, the wrapper, the official CLI."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from ... import __version__
from ...errors import DctxError
from ...files import ownership, paths
from ...files.home import shown_path
from ...model.memory import IN_DIRENV
from ...official import installed, preload
from ...shells import hook_files, launch, other_programs, rows, which_shell
from ...shells import install as install_plan
from .findings import Finding, from_error


def findings() -> Iterator[Finding]:
    """Yield the findings about the program and the terminal."""
    yield _dctx()
    yield from _shell()
    wrapper = _wrapper()
    yield wrapper
    if not wrapper.todo:
        for text, todo in other_programs.found(os.environ, paths.shims_dir()):
            yield Finding("wrapper", text, todo)
    yield _cli()
    yield from _preload()
    yield from _direnv()


def _dctx() -> Finding:
    try:
        return Finding("dctx", f"{__version__}, {shown_path(launch.program())}")
    except DctxError as error:
        return from_error("dctx", error)


def _shell() -> Iterator[Finding]:
    shell = which_shell.detect()
    if shell is None:
        listed = f"{', '.join(rows.HOOKED[:-1])} and {rows.HOOKED[-1]}"
        text = f"dctx was started by none of {listed}"
        yield Finding("shell", text, "Run: dctx install SHELL")
        return
    folder = paths.data_dir()
    install = f"Run: dctx install {shell}"
    if not os.path.exists(hook_files.hook_path(shell, folder)):
        yield Finding("shell", f"{shell}: the shell integration is not installed", install)
        return
    written = hook_files.version_of(folder)
    if written != __version__:
        text = f"{shell}: the shell integration is of {written or 'no known version'}"
        yield Finding("shell", text, install)
    loader = install_plan.loader(shell, os.environ, folder)
    if loader is None:
        text = f"{shell}: no start-up file loads the shell integration"
        yield Finding("shell", text, install)
    else:
        yield Finding("shell", f"{shell}: {shown_path(loader)} loads the shell integration")
    row = rows.row(shell)
    lacks = row.tab_needs(os.environ)
    if lacks:
        yield Finding("shell", *lacks)
    place = row.place_in_theme(os.environ)
    if place:
        yield Finding("shell", place)


def _direnv() -> Iterator[Finding]:
    """Yield a finding where the .envrc of this folder names a profile and is not loaded."""
    with contextlib.suppress(OSError, DctxError):
        folder = os.getcwd()
        while not os.path.exists(file := os.path.join(folder, ".envrc")):
            folder, below = os.path.dirname(folder), folder
            if folder == below:
                return
        with ownership.opened(file) as opened:
            text = opened.read(65536)
        if (b"DOKPLOY_PROFILE" in text or b"use dokploy" in text) and IN_DIRENV not in os.environ:
            init = rows.row(which_shell.detect() or rows.HOOKED[0]).init
            load = init.replace("dctx init", "direnv hook")
            yield Finding(
                "direnv",
                f"{shown_path(file)} is not loaded into this terminal",
                f"Run: direnv allow. If that does not help, add to your start-up file: {load}",
            )


def _wrapper() -> Finding:
    wrapper = os.path.join(paths.shims_dir(), "dokploy")
    found = installed.programs(os.environ.get("PATH", ""))
    load = f"Run: {hook_files.load_line(which_shell.detect() or rows.HOOKED[0])}"
    if not found or not any(installed.is_shim(program) for program in found):
        return Finding("wrapper", "the dokploy wrapper is not on this terminal's PATH", load)
    first = shown_path(found[0])
    if not installed.is_shim(found[0]):
        return Finding("wrapper", f"{first} comes before the dokploy wrapper on PATH", load)
    if os.path.realpath(found[0]) != os.path.realpath(wrapper):
        return Finding("wrapper", f"{first} is the wrapper of another dctx, or a copy", load)
    return Finding("wrapper", f"{first} is the first dokploy on PATH")


def _cli() -> Finding:
    program = installed.find(os.environ.get("PATH", ""))
    if program is None:
        text = "the official CLI is not on PATH"
        return Finding("dokploy", text, "Run: npm install -g @dokploy/cli")
    version = installed.version(program) or "version not known"
    return Finding("dokploy", f"{version}, {shown_path(program)}")


def _preload() -> Iterator[Finding]:
    """Yield whether Node loads the preload, if both wrapper and CLI are installed."""
    program = installed.find(os.environ.get("PATH", ""))
    shims = paths.shims_dir()
    if program is None or not os.path.exists(os.path.join(shims, "dokploy")):
        return
    path = os.path.join(shims, preload.FILE)
    file = shown_path(path)
    if preload.is_off(os.environ):
        text = "DCTX_PRELOAD=0 turns it off, so most reads of the official CLI fail with 400"
        yield Finding("preload", text)
    elif not (os.access(path, os.R_OK) and preload.option(path)):
        run = f"dctx init {which_shell.detect() or rows.HOOKED[0]} >/dev/null"
        yield Finding("preload", f"{file} is missing or cannot be loaded", f"Run: {run}")
    else:
        yield _loads(installed.runtime(program, os.environ.get("PATH", "")), file)


def _loads(runtime: str, file: str) -> Finding:
    engine, _, version = runtime.partition(" ")
    major = version.partition(".")[0]
    newer = f"Install Node {preload.OLDEST_NODE} or newer."
    if not major.isdigit():
        return Finding("preload", "cannot tell what runs the official CLI", newer)
    if engine != "node":
        text = f"{runtime} does not load {file}"
        return Finding("preload", text, "Run the official CLI with Node.")
    if int(major) < preload.OLDEST_NODE:
        return Finding("preload", f"{runtime} is too old", newer)
    text = f"{runtime} loads {file}"
    if preload.may_proxy(os.environ):
        text += "; a .env may set proxies (DCTX_ENV_PROXY=1)"
    return Finding("preload", text)
