"""How Node comes to load shell/preload.cjs before the official CLI, and what stands in for it.

The shim loads its own copy by itself (`__dctx_preload` in shell/dokploy.sh), where that is all that
there is to do; the core loads the one that it came with.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..constants import HEADERS
from ..files import paths

FILE = "preload.cjs"
OLDEST_NODE = 18  # as the official CLI wants it


def option(path: str) -> str:
    """Return Node's option that loads the file `path`, as NODE_OPTIONS wants it.

    "" where Node could not read that path, which is not UTF-8: it would refuse to start.
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
    """Return whether the user lets a `.env` choose proxies and whom TLS trusts."""
    return environ.get("DCTX_ENV_PROXY") == "1"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the official CLI.

    With the preload; where that is off, or Node cannot load it, so that a `.env` can add no proxy.
    """
    child = dict(environ)
    load = "" if is_off(environ) else option(paths.script(FILE))
    if not load:
        child.pop(HEADERS, None)  # only the preload would take them out of it
        return _without_proxies_of_dotenv(child)
    own = environ.get("NODE_OPTIONS", "")
    if f" {load} " not in f" {own} ":
        child["NODE_OPTIONS"] = f"{own} {load}" if own else load
    return child


def _without_proxies_of_dotenv(environ: dict[str, str]) -> dict[str, str]:
    """Return `environ` with each name set that the CLI would else take a proxy from `.env` by.

    It fills what is unset or empty, and reads names in both spellings, the lower one first. So the
    proxy that the user exported for this panel is set in all spellings; where there is none,
    `no_proxy` becomes `*`. A lone comma is a `no_proxy` that excepts nothing.
    Source: proxy-from-env 1 and 2, which axios uses.
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
    # "1", or anything but "0", means that certificates are verified.
    environ["NODE_TLS_REJECT_UNAUTHORIZED"] = environ.get("NODE_TLS_REJECT_UNAUTHORIZED") or "1"
    return environ
