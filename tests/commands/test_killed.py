"""`kill -9` before each step of the commands that make or delete keys, then the next command.

Before the n-th file that it makes, renames or removes and the n-th connection that it opens, for
every n that there is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.files import pending_keys
from tests.standin import StandIn

from ..killed import killed_at
from . import in_process
from .conftest import profiles
from .test_nothing_lost import COMMANDS, OURS, prepare, unaccounted


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_keys, "SETTLED_SECONDS", 0.0)


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_killed_before_each_step(
    config: Callable[..., Path], home: Path, tmp_path: Path, argv: list[str]
) -> None:
    said = tmp_path / "said"
    number, goes_on = 0, True
    while goes_on:
        number += 1
        with StandIn.seeded() as panel:
            before = prepare(panel, config, argv, OURS)
            code = killed_at(number, argv, said)
            assert code in (None, 0)
            goes_on = code is None
            then = in_process.run("verify", "--all")
            heard = said.read_text() + then.err
            where = (number, heard, then)
            assert unaccounted(panel, home, before, heard) == [], where
            living = {row.key for row in panel.keys}
            for name, entry in profiles(home).items():
                # Its key is deleted first: the profile that is left says so, and goes with a
                # second `remove --revoke`.
                if argv[0] == "remove" and name == "mine" and entry["token"] not in living:
                    assert then.code == 5
                    assert in_process.run(*argv).code == 0
                else:
                    assert entry["token"] in living, where
            again = in_process.run("orgs", "sync", "--yes")
            assert again.code == 0, (where, again)
            last = in_process.run("verify", "--all")
            assert unaccounted(panel, home, before, last.err) == [], (where, again, last)
            assert last.code == 0
            left = [path.name for path in (home / ".dokploy").iterdir() if "key" in path.name]
            assert left == [], (where, again, last)
    assert number > 5
