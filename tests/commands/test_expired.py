"""A key that has expired by our own record: whoever runs the official CLI is told so.

The official CLI itself only says "Request failed with status code 401".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..alone import alone
from ..conftest import Result
from ..shells import Shell

Dctx = Callable[..., Result]
OVER = "2026-01-02T00:00:00.000Z"
SAID = "dctx: the key of acme expired on 2026-01-02. Run: dctx verify acme\n"
THE_CLIS = "Request failed with status code 401\n"


def in_days(days: float) -> str:
    when = datetime.now(timezone.utc) + timedelta(days=days)
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def expired(panel: StandIn, **more: Any) -> dict[str, Any]:
    """Return a profile whose key has expired, there and here."""
    end = datetime(2026, 1, 2, tzinfo=timezone.utc)
    row = panel.add_key(panel.users[0], panel.organization("Acme"), expires_at=end)
    return {
        "organization": "Acme",
        "token": row.key,
        "keyId": row.id,
        "expiresAt": OVER,
        **more,
    }


@pytest.mark.usefixtures("official_cli")
def test_exec_says_so(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme=expired(panel), globex="Globex")
    ran = dctx("exec", "acme", "--", "dokploy", "project", "all")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == SAID + THE_CLIS
    ran = dctx("exec", "--all", "--", "true")
    assert (ran.code, ran.out, ran.err) == (0, "", SAID)


@pytest.mark.usefixtures("official_cli")
def test_dokploy_says_so_in_a_session_and_by_default(
    panel: StandIn, point: Any, shell: Shell
) -> None:
    point(acme=expired(panel), globex="Globex")
    ran = shell.run(shell.hook, "dokploy project all")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == SAID + THE_CLIS
    ran = shell.run(shell.hook, "dctx acme", "dokploy project all")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith(SAID + THE_CLIS)
    assert ran.err.count(SAID) == 1
    ran = shell.run(shell.hook, "dokploy --profile globex project all")
    assert (ran.code, ran.err) == (0, "")


def test_protected_profile_is_read_from_and_says_so(panel: StandIn, point: Any) -> None:
    point(acme=expired(panel, protected=True))
    ran = alone("sh", "-c", 'eval "$(dctx init sh)"; dokploy project all')
    assert (ran.code, ran.out, ran.err) == (1, "", SAID + THE_CLIS)


@pytest.mark.parametrize("end", [3, 300, "2026-99-99", "\x1b", "  "])
def test_key_that_lasts_needs_no_core(
    panel: StandIn, point: Any, end: float | str, home: Path, tmp_path: Path
) -> None:
    """The shim alone: the core behind it is out of reach. A number is days from now."""
    if not isinstance(end, str):  # said here: each worker must collect the same names
        end = in_days(end)
    point(acme={"organization": "Acme", "expiresAt": end})
    alone("sh", "-c", 'eval "$(dctx init sh)"; dctx sync')
    shim = home / ".local" / "share" / "dctx" / "shims" / "dokploy"
    mended = tmp_path / "dokploy"
    text = shim.read_text("utf-8").replace('exec "$__dctx_bin"', "exec false")
    mended.write_text(text, "utf-8")
    mended.chmod(0o755)
    ran = alone(str(mended), "organization", "active")
    assert (ran.code, ran.err) == (0, "")
    assert '"name": "Acme"' in ran.out
