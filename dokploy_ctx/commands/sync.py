"""`dctx sync`: the index, compiled anew."""

from __future__ import annotations

import os
import sys
import tempfile

import click

from .. import common, paths, store
from ..errors import DctxError


@click.command(name="sync")
@click.option("--hook", is_flag=True, hidden=True, help="Only what is stale; for the hooks.")
def sync(hook: bool) -> None:
    """Compile the index anew from config.json. The hooks do that by themselves where it is needed.

    \b
    Example:
      dctx sync
    """
    folder = common.folder()
    try:
        store.sync(folder, full=not hook)
    except DctxError:
        if hook:
            sys.stdout.write(_marker(folder))
        raise


def _marker(folder: str) -> str:
    """Return the path of a new empty file with config.json's time, "" where there can be none.

    A hook whose index cannot be written compares config.json with it, so that it asks the core
    once per change and not at each prompt; bash cannot remember a time by itself.
    """
    try:
        mtime_ns = os.stat(paths.config_file(folder)).st_mtime_ns
        handle, path = tempfile.mkstemp(prefix="dctx-stale-")
        os.close(handle)
        os.utime(path, ns=(mtime_ns, mtime_ns))
    except OSError:
        return ""
    return path
