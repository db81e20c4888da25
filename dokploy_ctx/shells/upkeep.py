"""What every core command does at its end: the static hook is kept as new as the program."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from .. import __version__
from ..errors import DctxError, Refused
from ..files import ownership, paths

# In the index folder: version, program and data folder of the static hook that was written last,
# so that no command has to import platformdirs to find it. Separated by 0x1f.
RECORD = ".hook"


def _record(environ: Mapping[str, str]) -> str:
    return os.path.join(paths.index_dir(paths.config_dir(environ)), RECORD)


def recorded(environ: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return version, program and data folder of the hook that was written last, or None."""
    try:
        with ownership.opened(_record(environ)) as file:
            text = file.read().decode("utf-8", "surrogateescape")
        version, program, folder = text.rstrip("\n").split("\x1f")
    except (OSError, DctxError, ValueError):
        return None
    return version, program, folder


def after_command(environ: Mapping[str, str]) -> None:
    """Rewrite hook and shim where this program, in another version, wrote them. Never fails.

    Another program, such as a `dctx` in some project's virtual environment, leaves them alone
    while theirs exists: terminals must not come to depend on it.
    """
    found = recorded(environ)
    if found is None or found[0] == __version__:
        return
    _, program, folder = found
    with contextlib.suppress(OSError, DctxError):
        from . import hook_files, launch

        if os.path.isdir(folder) and (
            program == launch.program() or not os.access(program, os.X_OK)
        ):
            hook_files.write_static(folder)
            note(environ, folder)


def note(environ: Mapping[str, str], folder: str) -> None:
    """Record that hook and shim of this program are in the data folder `folder`.

    Raises OSError or DctxError. It is done again with the next command where that failed; so it
    waits for no other writer longer than a new terminal may.
    """
    from ..files import lock
    from ..files.index import Index
    from .launch import program

    config = paths.config_dir(environ)
    index = Index(paths.index_dir(config))
    index.is_there()
    ownership.make_folder(config, 0o700)
    with lock.held(config, lock.PROMPT_SECONDS):
        index.prepare()
        index.write(RECORD, f"{__version__}\x1f{program()}\x1f{folder}\n")


def forget(environ: Mapping[str, str]) -> None:
    """Take the record away: there is no static hook any more."""
    with contextlib.suppress(OSError, DctxError):
        from ..files.index import Index

        if Index(os.path.dirname(_record(environ))).is_there():
            os.unlink(_record(environ))


def init_text(shell: str) -> str:
    """Return what `dctx init SHELL` prints, after writing the static files.

    Raises DctxError (exit 1) where the data folder cannot be written.
    """
    from . import hook_files

    folder = paths.data_dir()
    shim = os.path.join(folder, "shims", "dokploy")
    try:
        hook_files.write_static(folder)
        with contextlib.suppress(OSError, DctxError):
            note(os.environ, folder)
    except Refused:
        if not os.path.exists(shim):
            raise
    except OSError as error:
        if not os.path.exists(shim):
            raise DctxError(
                f"cannot write {folder}: {error.strerror}. Check that folder."
            ) from None
    if shell == "sh":
        import shlex

        return f"PATH={shlex.quote(os.path.join(folder, 'shims'))}:$PATH\nexport PATH\n"
    return hook_files.source_line(shell, folder) + "\n"
