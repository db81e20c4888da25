"""Make Node load shell/preload.cjs before the official CLI, and protect the CLI without it.

If the shim starts the CLI by itself, it loads its own copy (`__dctx_preload` in shell/dokploy.sh).
The core loads the copy of its own installation.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..constants import HEADERS
from ..files import paths

FILE = "preload.cjs"
OLDEST_NODE = 18  # the official CLI needs it


def option(path: str) -> str:
    """Return Node's option that loads the file `path`, in the form for NODE_OPTIONS.

    The result is "" for a path that is not UTF-8, with which Node would not start.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return ""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'--require "{escaped}"'


def is_off(environ: Mapping[str, str]) -> bool:
    """Return whether the user turned the preload off."""
    return environ.get("DCTX_PRELOAD") == "0"


def may_proxy(environ: Mapping[str, str]) -> bool:
    """Return whether the user allows a `.env` to set proxies and TLS settings."""
    return environ.get("DCTX_ENV_PROXY") == "1"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the official CLI, in which Node loads the preload.

    If the preload is off or cannot be loaded, the environment keeps a `.env` from adding a proxy.
    """
    child = dict(environ)
    load = "" if is_off(environ) else option(paths.script(FILE))
    if not load:
        child.pop(HEADERS, None)  # only the preload would use and delete it
        return _without_proxies_of_dotenv(child)
    own = environ.get("NODE_OPTIONS", "")
    if f" {load} " not in f" {own} ":
        child["NODE_OPTIONS"] = f"{own} {load}" if own else load
    return child


def _without_proxies_of_dotenv(environ: dict[str, str]) -> dict[str, str]:
    """Return `environ` with every variable set that the CLI could take a proxy from `.env` by.

    The CLI fills variables that are unset or empty, and reads names in both spellings, lower case
    first. So the proxy that the user exported for this panel is set in all spellings. Without one,
    `no_proxy` becomes `*`. A lone comma is a `no_proxy` without exceptions.
    The rules are those of proxy-from-env 1 and 2, which axios uses.
    """
    has_key = environ.get("DOKPLOY_API_KEY") or environ.get("DOKPLOY_AUTH_TOKEN")
    if not has_key or may_proxy(environ):
        return environ

    def given(name: str) -> str:
        return environ.get(name) or environ.get(name.upper()) or ""

    scheme = environ.get("DOKPLOY_URL", "").partition(":")[0].lower()
    proxy = given(f"{scheme}_proxy") or given("all_proxy")
    values = {"no_proxy": (given("no_proxy") or ",") if proxy else "*"}
    if proxy:
        values[f"{scheme}_proxy"] = proxy
    for name, value in values.items():
        for spelling in (name, f"npm_config_{name}"):
            environ[spelling] = environ[spelling.upper()] = value
    # Everything but "0" means that certificates are verified.
    environ["NODE_TLS_REJECT_UNAUTHORIZED"] = environ.get("NODE_TLS_REJECT_UNAUTHORIZED") or "1"
    return environ
