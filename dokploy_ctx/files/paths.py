"""Every path of dctx, and every environment variable of dctx with its meaning.

Variables that a user may set:
    DOKPLOY_PROFILE      the profile to use (level 2 of model/resolve.py)
    DOKPLOY_CONFIG_DIR   the folder of config.json instead of ~/.dokploy; absolute
    DCTX_EXPORT_KEY=0    sessions do not export keys; the shim and `dctx exec` still pass them on
    DCTX_NO_FZF=1        `dctx` alone prints the list even where fzf is installed
    DCTX_PRELOAD=0       run the official CLI as it is, without shell/preload.cjs
    DCTX_ENV_PROXY=1     a `.env` may choose proxies and whom TLS trusts
    DCTX_QUIET=1         do not say which thing an @name stands for
    DCTX_PROMPT=0        do not change the prompt (DCTX_SEGMENT is still set)
    DCTX_YES=NAME        confirms changes with the protected profile NAME
    NO_COLOR             no colour in the prompt or in output
Variables that we set: DOKPLOY_PROFILE, DOKPLOY_URL, DOKPLOY_API_KEY, DCTX_ORG, DCTX_ORG_ID,
DCTX_SEGMENT, DCTX_SEGMENT_STATE, and the private _DCTX_SESSION, _DCTX_S_*, _DCTX_SHOWN,
_DCTX_HEADERS (for the preload, which deletes it).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from ..errors import ConfigError, DctxError
from ..model.profile import typed
from .home import home
from .ownership import obstacle


def config_dir(environ: Mapping[str, str]) -> str:
    """Return the folder of config.json, which need not exist.

    Raises ConfigError (exit 4) for a folder that others may control. A relative path is one: keys
    and commands would come from whatever the working directory is.
    """
    path = environ.get("DOKPLOY_CONFIG_DIR", "")
    if not path:
        path, what = os.path.join(home(environ), ".dokploy"), "the folder"
    elif os.path.isabs(path):
        what = "DOKPLOY_CONFIG_DIR"
    else:
        raise ConfigError(f"DOKPLOY_CONFIG_DIR is {typed(path)}. Use an absolute path.")
    try:
        info = os.stat(path)
        why = obstacle(path, write=False)
    except FileNotFoundError:
        return path
    except OSError as error:
        raise ConfigError(
            f"{what} {typed(path)}: {error.strerror}. Check its permissions."
        ) from None
    if not stat.S_ISDIR(info.st_mode):
        raise ConfigError(f"{what} {typed(path)} is not a folder. Choose another path.")
    if why:
        raise ConfigError(f"{what} {typed(path)} is not used: {why}. Check its permissions.")
    # Only for a folder that the user named; the default one is made private when it is read.
    if what.startswith("DOKPLOY") and info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(f"{what} {typed(path)} is writable by others. Run: chmod go-w on it")
    return path


def config_file(folder: str) -> str:
    """Return the path of config.json in `folder`."""
    return os.path.join(folder, "config.json")


def index_dir(folder: str) -> str:
    """Return the path of the index in the config folder `folder`."""
    return os.path.join(folder, "index")


def data_dir() -> str:
    """Return the folder of hooks and shim, such as ~/.local/share/dctx.

    Raises ConfigError (exit 4) if HOME is not usable.
    """
    import platformdirs

    home(os.environ)
    return platformdirs.user_data_dir("dctx", appauthor=False)


def cache_dir() -> str:
    """Return the folder for files that may be deleted at any time, such as ~/.cache/dctx."""
    import platformdirs

    return platformdirs.user_cache_dir("dctx", appauthor=False)


def script(name: str) -> str:
    """Return the path of shell/NAME: in the package of a wheel, or beside it in a checkout.

    Raises DctxError (exit 1) if it is in neither place.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for folder in (package, os.path.dirname(package)):
        path = os.path.join(folder, "shell", name)
        if os.path.exists(path):
            return path
    raise DctxError(f"shell/{name} is missing from this installation. Install dctx again.")


def script_text(name: str) -> str:
    """Return the text of shell/NAME. Raises DctxError (exit 1) if it is missing."""
    with open(script(name), "rb") as file:
        return file.read().decode("utf-8")


def shims_dir() -> str:
    """Return the folder of the shim, which the hooks keep first on PATH."""
    return os.path.join(data_dir(), "shims")
