"""A default that no prompt can show: `?`, and the next `dokploy` is not taken for a late one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ..shells import Shell
from .test_readers import cli, fresh

__all__ = ["cli", "fresh"]  # fixtures


@pytest.mark.parametrize("name", ["my prof", "-x", "a/b", "é\u202eb", "x" * 300])
def test_default_of_a_foreign_name_runs(
    shell: Shell, loaded: str, fresh: Callable[..., Path], cli: Path, name: str
) -> None:
    fresh(**{name: {"url": "https://odd.example.com"}, "prod": {}})
    ran = shell.run(
        loaded, shell.prompt, "dokploy project all", shell.show("?", "DCTX_SEGMENT"),
        interactive=True,
    )  # fmt: skip
    assert ran.vars["?"] == "0", ran.err
    assert "DOKPLOY_URL=https://odd.example.com" in ran.out.split("\0")


def test_default_without_a_usable_url_is_told_as_what_it_is(
    shell: Shell, loaded: str, fresh: Callable[..., Path], cli: Path
) -> None:
    fresh(odd={"url": "https://a b.example"}, prod={})
    ran = shell.run(
        loaded, shell.prompt, "dokploy project all", shell.show("?", "DCTX_SEGMENT"),
        interactive=True,
    )  # fmt: skip
    assert ran.vars == {"?": "4", "DCTX_SEGMENT": "?"}, ran.err
    assert "blanks" in ran.err
