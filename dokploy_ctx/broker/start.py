"""Start a broker for the command that this process is about to become.

As with ssh-agent, the broker is a session of its own without a terminal, and the command keeps its
terminal, job control, signals and exit code. A broker as the command's parent would have to pass
all of these on: `suspend` in a nested shell would hang the terminal, and after kill -9 of the
broker the command would run on.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import string
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple, NoReturn

from ..constants import BROKER
from ..errors import DctxError, PanelError
from ..model.profile import Profile, quoted
from ..model.session import YES, is_private
from ..model.tool_variables import names_server_or_key
from .echoes import Echoes
from .filter import Rules
from .mark import Mark
from .settings import Settings

# The broker's own keys look like the panel's, since some tools check the form.
_LETTERS = string.ascii_letters
_CODE = "import sys; sys.path[0] = sys.argv.pop(1); from dokploy_ctx.broker.run import main; main()"
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The user's variables that the broker gets. None of them names a server or contains a key.
_OF_USER = ("HOME", "PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")

_MOST_FILES = 65536


class Started(NamedTuple):
    """A started broker: its URL and its key, for the command."""

    url: str
    key: str


def start(
    profile: Profile, url: str, key: str, headers: Mapping[str, str], rules: Rules, log: int | None
) -> Started:
    """Start the broker; it ends with this process, which is about to become the command.

    `log` is the number of an open file. Raises DctxError (exit 1) if the system refuses a socket or
    a process.
    """
    own_key = "".join(secrets.choice(_LETTERS) for _ in range(64))
    if find_spec("aiohttp") is None:  # the broker would end without a message
        raise DctxError("the package aiohttp is not installed. Install dctx again.")
    try:
        with contextlib.ExitStack() as stack:
            listening = stack.enter_context(socket.socket())
            listening.bind(("127.0.0.1", 0))
            listening.listen(128)
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
                terminal=_terminal(),
            )
            pipe = _spawn(listening.fileno(), pidfd, -1 if log is None else log)
            with os.fdopen(pipe, "wb") as file:
                file.write(settings.dumps())
            port = listening.getsockname()[1]
    except OSError as error:
        raise DctxError(f"the broker could not be started: {error.strerror}. Try again.") from None
    return Started(f"http://127.0.0.1:{port}", own_key)


def label(profile: Profile, rules: Rules) -> str:
    """Return the prompt's text, without brackets: "prod:Acme read-only"."""
    from ..text.foreign import segment

    return f"{segment(profile.name, profile.organization)} {access(rules)}"


def access(rules: Rules) -> str:
    """Return the word for what is allowed."""
    return "limited" if rules.allow else "read-only"


def _terminal() -> str:
    """Return the path of stderr's terminal, "" if it is not a terminal or has no path."""
    with contextlib.suppress(OSError):
        return os.ttyname(2) if os.isatty(2) else ""
    return ""


def _pidfd() -> int:
    """Return an open file that tells when this process ends, -1 if the system has none."""
    with contextlib.suppress(AttributeError, OSError):
        return os.pidfd_open(os.getpid())
    return -1


def proxy_for(url: str) -> str:
    """Return the user's own HTTP proxy for the panel at `url`, "" for none.

    Raises PanelError (exit 5) if it is a proxy of another kind.
    """
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    if proxy_bypass(parts.netloc):
        return ""
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy:
        return ""
    scheme, separator, _ = proxy.partition("://")
    if separator and scheme.lower() not in ("http", "https"):
        raise PanelError(
            f"the proxy that is set is of the kind {quoted(scheme)}. Use one for HTTP."
        )
    return proxy if separator else f"http://{proxy}"


def _spawn(listening: int, pidfd: int, log: int) -> int:
    """Start the broker's process; return the pipe for its settings.

    Forks twice, so that the command has no child that it did not start itself. Raises OSError.
    """
    read, write = os.pipe()
    failed, report = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setsid()
            if os.fork():
                os._exit(0)
            _become(read, [listening, pidfd, log], report)
        except OSError as error:
            os.write(report, str(error.errno).encode())
        finally:
            os._exit(127)
    os.close(read)
    os.close(report)
    # If the caller ignores SIGCHLD, there is nothing to wait for.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    with os.fdopen(failed, "rb") as file:  # ends when the broker's program has started
        code = file.read()
    if code:
        os.close(write)
        raise OSError(int(code), os.strerror(int(code)))
    return write


def _become(read: int, files: list[int], report: int) -> NoReturn:
    """Replace this process by the broker, and close all other files of the caller.

    Otherwise a lock or a pipe of the user would still be held when the command has ended.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    numbers = [files[0], read, *files[1:]]
    kept = sorted({number for number in (*numbers, report) if number > 2})
    most = min(os.sysconf("SC_OPEN_MAX"), _MOST_FILES)
    for low, high in zip([2, *kept], [*kept, most], strict=True):
        os.closerange(low + 1, high)
    for number in numbers:
        if number >= 0:
            os.set_inheritable(number, True)
    os.chdir("/")
    environ = {name: os.environ[name] for name in _OF_USER if name in os.environ}
    words = [sys.executable, "-E", "-c", _CODE, _ROOT, *map(str, numbers)]
    os.execve(sys.executable, words, environ)


def environment(
    environ: Mapping[str, str], profile: Profile, started: Started, rules: Rules, secrets: list[str]
) -> dict[str, str]:
    """Return the command's environment, with the broker's URL and key instead of the panel's.

    `secrets` are the key and the headers' values. Variables that contain one of them are removed.
    """
    echoes = Echoes(secrets)
    child = {
        name: value
        for name, value in environ.items()
        if name != YES  # it confirmed this command, not what the command may ask
        and not is_private(name)
        and not names_server_or_key(name)
        and not echoes.are_in(os.fsencode(value))
    }
    child |= {"DOKPLOY_URL": started.url, "DOKPLOY_API_KEY": started.key}
    if profile.organization:
        from ..text.foreign import clean

        child["DCTX_ORG"] = clean(profile.organization)
    # Requests to loopback must not go to the user's proxy. Tools read either spelling.
    for name in ("no_proxy", "NO_PROXY"):
        given = environ.get(name) or environ.get("no_proxy") or environ.get("NO_PROXY") or ""
        words = [word for word in given.split(",") if word.strip()]
        child[name] = ",".join([*words, "127.0.0.1", "localhost"])
    child[BROKER] = Mark(profile.name, label(profile, rules), access(rules)).text()
    return child
