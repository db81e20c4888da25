"""The official CLI 0.2: `make matrix` runs this, as `make test` has a newer one.

It reads no `.env`, knows the key as DOKPLOY_AUTH_TOKEN alone, and its inputs are as they should be.
The CLI 0.2.6 sends the key as a bearer token, which today's panel does not look at.
"""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from tests.standin import StandIn

from ...network import Proxy
from .conftest import CLI, Shim

VERSION = json.loads((CLI.parent / "@dokploy" / "cli" / "package.json").read_text())["version"]
BEARER = VERSION.endswith("0.2.6")


def test_it_runs_as_the_profile(shim: Shim, panel: StandIn) -> None:
    ran = shim.run("project", "list")
    (seen,) = panel.requests
    key = panel.key_of("Acme")
    if BEARER:
        assert seen.headers["authorization"] == f"Bearer {key}"
        assert "401" in ran.out + ran.err
    else:
        assert (seen.key, ran.code) == (key, 0)
        assert "acme-web" in ran.out


def test_another_origin_gets_no_key(shim: Shim, panel: StandIn) -> None:
    with closing(StandIn.seeded()) as elsewhere:
        panel.redirect_to = elsewhere.url
        shim.run("project", "list")
        assert len(panel.requests) == len(elsewhere.requests) == 1
        assert panel.key_of("Acme") in repr(panel.requests[0].headers)
        assert panel.key_of("Acme") not in repr(elsewhere.requests[0].headers)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_dotenv_sends_nothing_to_a_stranger(
    name: str, shim: Shim, panel: StandIn, stranger: Proxy
) -> None:
    shim.dotenv(f"{name}={stranger.url}")
    shim.run("project", "list")
    assert (bytes(stranger.seen), len(panel.requests)) == (b"", 1)


def test_help_is_as_without_the_preload(shim: Shim) -> None:
    words = ("project", "list", "--help")
    assert shim.run(*words) == shim.run(*words, env={"DCTX_PRELOAD": "0"})
