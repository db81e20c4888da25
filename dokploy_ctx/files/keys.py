"""Where a profile's key is: in the file, printed by a program, or in the system keyring.

Only the user's own config.json
may name a program; it is run as an argv, without a shell.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from ..errors import Cancelled, ConfigError, PanelError
from ..model.profile import Profile, command, quoted, typed
from ..model.session import vault_environment
from ..text.masking import foreign, without_keys

if TYPE_CHECKING:
    import subprocess

VAULT_SECONDS = 60.0
KEYRING_SERVICE = "dokploy_ctx"
# More than any key with its notes; a program that prints without end must not fill the memory.
_MOST_BYTES = 65536
# A program that ended may have left a daemon that holds its stdout.
_POLL_SECONDS = 0.05


def fetch(profile: Profile) -> str:
    """Return the key of `profile`, from wherever it is kept.

    Raises PanelError (exit 5) where a program or keyring gives none, ConfigError (exit 4) where
    the profile has none at all, Cancelled (exit 130) where the user stopped the program.
    """
    if profile.token_command:
        return _from_command(profile, profile.token_command)
    if profile.keyring:
        return _from_keyring(profile, profile.keyring)
    if not profile.token:
        todo = command("auth", profile.name, "-u URL")
        raise ConfigError(f"profile {quoted(profile.name)} has no key. Run: {todo}")
    return profile.token


def store(name: str, key: str) -> str:
    """Put `key` into the system keyring and return the user name under which it is there.

    Each call makes a new user name: until config.json says otherwise, the profile's entry keeps
    the key that it had. Raises PanelError (exit 5).
    """
    import secrets

    username = f"{name}-{secrets.token_hex(4)}"
    with _keyring("the keyring") as keyring:
        keyring.set_password(KEYRING_SERVICE, username, key)
        if keyring.get_password(KEYRING_SERVICE, username) != key:
            raise PanelError("the keyring does not give back what it was given. Nothing was saved.")
    return username


def delete(username: str) -> None:
    """Take a key out of the system keyring; one that is gone already is no error.

    Raises PanelError (exit 5).
    """
    with _keyring("the key in the keyring") as keyring:
        if keyring.get_password(KEYRING_SERVICE, username) is not None:
            keyring.delete_password(KEYRING_SERVICE, username)


def forget(username: str) -> str:
    """Take a key that nothing names out of the keyring; returns what to say if it stays."""
    try:
        delete(username)
    except PanelError as error:
        return f"{quoted(username)} of {KEYRING_SERVICE} stays in the keyring: {error}"
    return ""


def checked(key: str, source: str) -> str:
    """Return `key` if it can be one. Raises PanelError (exit 5): a vault prints other words too."""
    if not key:
        raise PanelError(f"{source} gave no key. Check what it prints.")
    if not key.isprintable() or any(c.isspace() for c in key):
        raise PanelError(f"{source} gave something that is no API key. Check what it prints.")
    return key


def _is_main_thread() -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()


# A program.


def _from_command(profile: Profile, command: list[str]) -> str:
    what = f"tokenCommand of {quoted(profile.name)} ({typed(command[0])})"
    output = printed_by(command, what)
    # `pass show` prints notes after the first line; a key is one line.
    return checked(output.decode("utf-8", "replace").split("\n", 1)[0].strip(), what)


def printed_by(command: list[str], what: str) -> bytes:
    """Return what the program prints, at most 64 KiB; `what` names it in errors.

    Raises PanelError (exit 5) where it fails, ConfigError (exit 4) where it is no command line,
    Cancelled (exit 130) where the user stopped it.
    """
    output, code = _run(command, what)
    if code:
        how = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
        raise PanelError(f"{what} {how}. Unlock the vault, or mend the command.")
    return output


def _run(command: list[str], what: str) -> tuple[bytes, int]:
    """Return what `command` prints, and its exit code.

    Its stderr is our terminal, where it may ask for a passphrase. Anywhere else stderr is a log,
    which must not get the key: what it says there is passed on at its end, masked.

    It is a process group of its own, so that all of it can be ended when its time is over, and in
    the foreground where we are: it may ask for a passphrase. It asks the terminal, never our
    stdin, which belongs to the command that the key is for.
    """
    import signal
    import subprocess

    with _foreground() as (tty, ask):

        def begin() -> None:
            os.setpgid(0, 0)
            if ask:
                # In the background this would stop us.
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
                with contextlib.suppress(OSError):
                    os.tcsetpgrp(tty, os.getpid())
                signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTTOU])

        try:
            process = subprocess.Popen(
                command,
                stdin=tty if tty >= 0 else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=None if os.isatty(2) else subprocess.PIPE,
                env=vault_environment(os.environ),
                preexec_fn=begin,  # noqa: PLW1509 - system calls only
            )
        except OSError as error:
            raise PanelError(f"{what} cannot be run: {error.strerror}.") from None
        except ValueError:  # NUL or a lone surrogate
            raise ConfigError(f"{what} holds what no command line can. Save it anew.") from None
        try:
            output, said = _read(process, what)
        except BaseException:
            _end(process)
            raise
        if process.returncode == -signal.SIGINT:
            raise Cancelled("cancelled.")
        _pass_on(said.decode("utf-8", "replace"), output.decode("utf-8", "replace"), what)
        return output, process.returncode


def _pass_on(said: str, output: str, what: str) -> None:
    """Write what a program said on stderr, without any part of what it printed on stdout."""
    secrets = re.findall(r"[^\s\"',;:{}]{6,}", output)
    text = without_keys(foreign(said, secrets))
    if text:
        sys.stderr.write(f"dctx: {what} says: {text}\n")


@contextlib.contextmanager
def _foreground() -> Iterator[tuple[int, bool]]:
    """Yield the terminal (-1: none) and whether it is ours to lend; it is ours again at the end."""
    import signal

    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield -1, False
        return
    try:
        ours = os.getpgrp()
        lend = _is_main_thread() and os.tcgetpgrp(tty) == ours
    except OSError:
        ours, lend = 0, False
    try:
        yield tty, lend
    finally:
        if lend:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
            with contextlib.suppress(OSError):
                os.tcsetpgrp(tty, ours)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTTOU])
        os.close(tty)


def _read(process: subprocess.Popen[bytes], what: str) -> tuple[bytes, bytes]:
    """Return all that `process` prints, and what it says on stderr where that is ours to read."""
    import select
    import subprocess
    import time

    out: IO[bytes] | None = process.stdout
    assert out is not None
    texts = {pipe: b"" for pipe in (out, process.stderr) if pipe is not None}
    unfinished = list(texts)
    deadline = time.monotonic() + VAULT_SECONDS
    with contextlib.ExitStack() as pipes:
        for pipe in texts:
            pipes.enter_context(pipe)
        while True:
            ended = process.poll() is not None
            left = deadline - time.monotonic()
            if left <= 0:
                raise PanelError(f"{what} took over {VAULT_SECONDS:.0f} s. Is the vault locked?")
            if not unfinished:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(left)
            wait = 0 if ended or not unfinished else min(left, _POLL_SECONDS)
            ready = select.select(unfinished, [], [], wait)[0]
            for pipe in ready:
                chunk = os.read(pipe.fileno(), 4096)
                if not chunk:
                    unfinished.remove(pipe)
                elif len(texts[pipe]) <= _MOST_BYTES:
                    texts[pipe] += chunk
            if len(texts[out]) > _MOST_BYTES:
                raise PanelError(f"{what} prints without end. A key is one line.")
            if process.returncode is not None and not ready:
                return texts.pop(out), b"".join(texts.values())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and all that it started in its group."""
    import signal

    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, number)
        with contextlib.suppress(Exception):
            process.wait(0.5)
    process.wait()


# The keyring.


def _from_keyring(profile: Profile, username: str) -> str:
    what = f"the keyring's key for {quoted(profile.name)}"
    with _keyring(what) as keyring:
        key = keyring.get_password(KEYRING_SERVICE, username)
    if not key:
        raise PanelError(
            f"{what} is missing. Run: {command('auth', profile.name, '--keyring -t -')}"
        )
    return checked(key, what)


@contextlib.contextmanager
def _keyring(what: str) -> Iterator[Any]:
    """Yield the module `keyring`, bounded in time; whatever it raises becomes a PanelError.

    Its backends may start programs: these see vault_environment().
    """
    import signal

    try:
        import keyring
    except ImportError:
        raise PanelError(f"{what} needs the extra: pip install 'dokploy_ctx[keyring]'") from None

    def late(*_: object) -> None:
        raise TimeoutError

    before_us = dict(os.environ)
    for name in before_us.keys() - vault_environment(os.environ).keys():
        del os.environ[name]
    bounded = _is_main_thread()  # others get no signals
    before = signal.signal(signal.SIGALRM, late) if bounded else None
    try:
        if bounded:
            signal.setitimer(signal.ITIMER_REAL, VAULT_SECONDS)
        yield keyring
    except PanelError:
        raise
    except TimeoutError:
        raise PanelError(f"{what}: no answer in {VAULT_SECONDS:.0f} s. Is it locked?") from None
    except Exception as error:  # noqa: BLE001 - each backend raises what it likes
        raise PanelError(f"{what} cannot be had: {_reason(error)}") from None
    finally:
        os.environ.update(before_us)
        if bounded:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _reason(error: Exception) -> str:
    """Return why the keyring failed, and what to do."""
    name = type(error).__name__
    if name == "NoKeyringError":
        return "this system has no keyring that Python's keyring knows. Use --token-command."
    if name in ("KeyringLocked", "LockedException", "PromptDismissedException", "InitError"):
        return "it is locked. Unlock it."
    return f"{name}. Is it running, and unlocked?"
