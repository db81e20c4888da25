"""Every path and every environment variable of ours, with what it means.

Variables that a user may set:
    DOKPLOY_PROFILE      the profile to use (level 2 of design.md, "Which profile")
    DOKPLOY_CONFIG_DIR   the folder of config.json instead of ~/.dokploy; absolute
    DCTX_EXPORT_KEY=0    no session holds a key; shim and `dctx exec` hand it over
    DCTX_NO_FZF=1        `dctx` alone prints the list even where fzf is installed
    DCTX_PRELOAD=0       run the official CLI as it is, without shell/preload.cjs
    DCTX_ENV_PROXY=1     a `.env` may choose proxies and whom TLS trusts
    DCTX_PROMPT=0        leave my prompt alone (DCTX_SEGMENT is still set)
    DCTX_YES=NAME        answers "type the name" for the protected profile NAME
    NO_COLOR             no colour in the prompt or in output
Variables that we set: DOKPLOY_PROFILE, DOKPLOY_URL, DOKPLOY_API_KEY, DCTX_ORG, DCTX_ORG_ID,
DCTX_SEGMENT, DCTX_SEGMENT_STATE, and the private _DCTX_SESSION, _DCTX_S_*, _DCTX_SHOWN,
_DCTX_HEADERS (for the preload, which deletes it).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from .errors import ConfigError, DctxError
from .profile import typed


def config_dir(environ: Mapping[str, str]) -> str:
    """Return the folder of config.json, which need not exist.

    Raises ConfigError (exit 4) for a $DOKPLOY_CONFIG_DIR that others could have put there: a
    relative one would take keys and commands from whatever folder one stands in. So would a
    relative $HOME; without one, home is where the system says.
    """
    path = environ.get("DOKPLOY_CONFIG_DIR", "")
    if not path:
        home = environ.get("HOME", "") or _home_by_system()
        if not os.path.isabs(home):
            raise ConfigError(f"HOME is {typed(home)}. Set it to an absolute path.")
        return os.path.join(home, ".dokploy")
    if not os.path.isabs(path):
        raise ConfigError(f"DOKPLOY_CONFIG_DIR is {typed(path)}. Give an absolute path.")
    try:
        info = os.stat(path)
    except FileNotFoundError:
        return path
    except OSError as error:
        raise ConfigError(f"DOKPLOY_CONFIG_DIR {typed(path)}: {error.strerror}.") from None
    if not stat.S_ISDIR(info.st_mode):
        raise ConfigError(f"DOKPLOY_CONFIG_DIR {typed(path)} is not a folder.")
    if info.st_uid not in (os.getuid(), 0):
        raise ConfigError(f"DOKPLOY_CONFIG_DIR {typed(path)} belongs to somebody else.")
    if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(
            f"DOKPLOY_CONFIG_DIR {typed(path)} is writable by others. Run: chmod go-w on it"
        )
    return path


def _home_by_system() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def config_file(folder: str) -> str:
    """Return the path of config.json in `folder`."""
    return os.path.join(folder, "config.json")


def index_dir(folder: str) -> str:
    """Return the path of the index in the config folder `folder`."""
    return os.path.join(folder, "index")


def data_dir() -> str:
    """Return the folder of the static hooks and the shim, such as ~/.local/share/dctx."""
    import platformdirs

    return platformdirs.user_data_dir("dctx", appauthor=False)


def script(name: str) -> str:
    """Return the path of shell/NAME, in the wheel beside us or in a checkout above us.

    Raises DctxError (exit 1) where it is in neither.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (here, os.path.dirname(here)):
        path = os.path.join(folder, "shell", name)
        if os.path.exists(path):
            return path
    raise DctxError(f"shell/{name} is missing from this installation. Install dctx again.")


def shims_dir() -> str:
    """Return the folder that the hook keeps first on PATH."""
    return os.path.join(data_dir(), "shims")
