"""Start a broker for the command that this process is about to become.

The form is ssh-agent's: the broker is a session of its own, without a terminal, and the command
keeps terminal, job control, signals and exit code. (A broker that is the command's parent has to
pass all of that on: a `suspend` in a nested shell then hangs the terminal, and after kill -9 of the
broker the command lives on.)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import string
import sys
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import DctxError
from ..profile import Profile
from ..tool_variables import names_server_or_key
from .filter import Rules
from .mark import VARIABLE, Mark
from .settings import Settings

# The broker's own keys look like the panel's, for tools that check the form.
_LETTERS = string.ascii_letters
_CODE = "import sys; sys.path[0] = sys.argv.pop(1); from dokploy_ctx.broker.run import main; main()"
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What the broker needs of the user's environment: nothing that points at a server or holds a key.
_OF_USER = ("HOME", "PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Started(NamedTuple):
    """A broker that runs, or is about to: its URL and its key, for the command."""

    url: str
    key: str


def start(
    profile: Profile, url: str, key: str, headers: Mapping[str, str], rules: Rules, log: int | None
) -> Started:
    """Start the broker; it ends with this process, whatever this process becomes.

    `log` is an open file. Raises DctxError (exit 1) where no socket or process can be had.
    """
    own_key = "".join(secrets.choice(_LETTERS) for _ in range(64))
    try:
        with contextlib.ExitStack() as stack:
            listening = stack.enter_context(socket.socket())
            listening.bind(("127.0.0.1", 0))
            listening.listen(128)
            read, write = os.pipe()
            stack.callback(os.close, read)
            pidfd = _pidfd()
            if pidfd >= 0:
                stack.callback(os.close, pidfd)
            settings = Settings(
                url=url,
                shown_url=url,
                key=key,
                own_key=own_key,
                headers=dict(headers),
                proxy=proxy_for(url),
                label=f"{profile.name} {access(rules)}",
                rules=rules,
                pid=os.getpid(),
                group=os.getpgrp(),
                parent=os.getppid(),
                terminal=os.ttyname(2) if os.isatty(2) else "",
            )
            _spawn(listening.fileno(), read, write, pidfd, -1 if log is None else log)
            with os.fdopen(write, "wb") as pipe:
                pipe.write(settings.dumps())
            port = listening.getsockname()[1]
    except OSError as error:
        raise DctxError(f"the broker could not be started: {error.strerror}.") from None
    return Started(f"http://127.0.0.1:{port}", own_key)


def label(profile: Profile, rules: Rules) -> str:
    """Return what the prompt says of it, without brackets: "prod:Acme read-only"."""
    from ..text import segment

    return f"{segment(profile.name, profile.organization)} {access(rules)}"


def access(rules: Rules) -> str:
    """Return the word for what is allowed."""
    return "limited" if rules.allow else "read-only"


def _pidfd() -> int:
    """Return a file that tells when this process ends, -1 where there is none."""
    with contextlib.suppress(AttributeError, OSError):
        return os.pidfd_open(os.getpid())
    return -1


def proxy_for(url: str) -> str:
    """Return the user's own HTTP proxy for the panel at `url`, "" for none."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    if proxy_bypass(parts.netloc):
        return ""
    return proxies.get(parts.scheme) or proxies.get("all") or ""


def _spawn(listening: int, read: int, write: int, pidfd: int, log: int) -> None:
    """Fork twice, so that the command has no child that it did not start, and run the broker."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.close(write)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        for number in (listening, read, pidfd, log):
            if number >= 0:
                os.set_inheritable(number, True)
        os.chdir("/")
        environ = {name: os.environ[name] for name in _OF_USER if name in os.environ}
        numbers = [str(number) for number in (listening, read, pidfd, log)]
        os.execve(sys.executable, [sys.executable, "-E", "-c", _CODE, _ROOT, *numbers], environ)
    finally:
        os._exit(127)


def environment(
    environ: Mapping[str, str], profile: Profile, started: Started, rules: Rules, secrets: list[str]
) -> dict[str, str]:
    """Return the command's environment: the broker in the panel's place, and no real key.

    `secrets` are the key and the headers' values: no variable that holds one of them stays.
    """
    child = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("_DCTX_", "DCTX_SEGMENT"))
        and not names_server_or_key(name)
        and not any(secret in value for secret in secrets if len(secret) >= 6)
    }
    child |= {"DOKPLOY_URL": started.url, "DOKPLOY_API_KEY": started.key}
    if profile.organization:
        from ..text import clean

        child["DCTX_ORG"] = clean(profile.organization)
    # The user's proxy must not get what is meant for loopback. Tools read either spelling.
    for name in ("no_proxy", "NO_PROXY"):
        given = environ.get(name) or environ.get("no_proxy") or environ.get("NO_PROXY") or ""
        words = [word for word in given.split(",") if word.strip()]
        child[name] = ",".join([*words, "127.0.0.1", "localhost"])
    child[VARIABLE] = Mark(profile.name, label(profile, rules), access(rules)).text()
    return child
