"""`dctx sync`: the index, compiled anew."""

from __future__ import annotations

import os
import sys
import tempfile
import zlib

import click

from .. import common, lock, ownership, paths, store
from ..errors import Busy, DctxError


@click.command(name="sync")
@click.option("--hook", is_flag=True, hidden=True, help="Only what is stale; for the hooks.")
def sync(hook: bool) -> None:
    """Refresh what prompts, switches and Tab read of config.json.

    They do that by themselves when the file changes; this does it anew in any case.

    \b
    Example:
      dctx sync
    """
    folder = common.folder()
    try:
        seconds = lock.PROMPT_SECONDS if hook else lock.COMMAND_SECONDS
        store.sync(folder, full=not hook, seconds=seconds)
    except Busy:
        if not hook:
            raise
        # No failure: what asks reads config.json itself, and asks for the index again.
        sys.stdout.write("busy\n")
        return
    except DctxError:
        if hook and not store.is_fresh(folder):
            sys.stdout.write(_marker(folder))
        raise
    if hook:  # who hears nothing knows that this did not run
        sys.stdout.write("fresh\n")


def _marker(folder: str) -> str:
    """Return the path of an empty file of config.json's age, "" where there can be none.

    A hook whose index cannot be written compares config.json with it, so that it asks the core
    once per change and not at each prompt; bash cannot remember a time by itself. One file per
    configuration, in the folder for temporary files; nothing is followed and nothing is written.
    """
    config = paths.config_file(folder)
    name = f"dctx-stale-{os.getuid()}-{zlib.crc32(os.fsencode(config)):08x}"
    path = os.path.join(tempfile.gettempdir(), name)
    try:
        mtime_ns = os.stat(config).st_mtime_ns
        owner = ownership.owner_for(path)
        handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if owner is not None:
                os.fchown(handle, owner, -1)
            elif os.fstat(handle).st_uid != os.getuid():
                return ""
            os.utime(handle, ns=(mtime_ns, mtime_ns))
        finally:
            os.close(handle)
    except (OSError, DctxError):
        return ""
    return path
