"""Access the system's keyring with the Python package keyring, an optional extra of dctx."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from ..errors import PanelError
from ..model.profile import word
from ..model.session import vault_environment
from .key_program import VAULT_SECONDS, is_main_thread

SERVICE = "dokploy_ctx"
NO_BACKEND = (
    "this system has no keyring that Python's keyring can use. Run a program for the key with "
    "--token-command."
)


def install_command() -> str:
    """Return the command that adds the package, with the tool that installed dctx."""
    if os.path.exists(os.path.join(sys.prefix, "pipx_metadata.json")):
        return f"pipx inject {word(os.path.basename(sys.prefix))} keyring"
    python = word(sys.executable)
    if os.path.exists(os.path.join(sys.prefix, "uv-receipt.toml")):
        return f"uv pip install --python {python} keyring"
    return f"{python} -m pip install keyring"


def require() -> None:
    """Return if keys can be kept in the keyring. Raises PanelError (exit 5) with what to do."""
    with opened("--keyring") as keyring:
        if type(keyring.get_keyring()).__module__ == "keyring.backends.fail":
            raise PanelError(f"--keyring: {NO_BACKEND}")


@contextlib.contextmanager
def opened(what: str) -> Iterator[Any]:
    """Yield the module `keyring`, with a time limit; turn what it raises into PanelError.

    Its backends may start programs, which get vault_environment().
    """
    import signal

    try:
        import keyring
    except ImportError:
        raise PanelError(
            f"{what} needs the Python package keyring, which is not installed. Run: "
            f"{install_command()}"
        ) from None

    def late(*_: object) -> None:
        raise TimeoutError

    before_us = dict(os.environ)
    for name in before_us.keys() - vault_environment(os.environ).keys():
        del os.environ[name]
    bounded = is_main_thread()  # signals reach no other thread
    before = signal.signal(signal.SIGALRM, late) if bounded else None
    try:
        if bounded:
            signal.setitimer(signal.ITIMER_REAL, VAULT_SECONDS)
        yield keyring
    except PanelError:
        raise
    except TimeoutError:
        raise PanelError(
            f"{what} did not answer within {VAULT_SECONDS:.0f} s. Unlock the keyring and try again."
        ) from None
    except Exception as error:  # noqa: BLE001 - each backend raises what it likes
        raise PanelError(f"{what} cannot be read: {_reason(error)}") from None
    finally:
        os.environ.update(before_us)
        if bounded:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _reason(error: Exception) -> str:
    """Return why the keyring failed, and what to do."""
    name = type(error).__name__
    if name == "NoKeyringError":
        return NO_BACKEND
    if name in ("KeyringLocked", "LockedException", "PromptDismissedException", "InitError"):
        return "the keyring is locked. Unlock it, then run it again."
    return f"{name}. Check that the keyring runs and is unlocked."
