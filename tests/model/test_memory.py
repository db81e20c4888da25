"""What a switch does first, and `off`, by what a terminal remembers."""

from __future__ import annotations

import pytest

from dokploy_ctx.constants import MEMORY, SAVED, SEPARATOR
from dokploy_ctx.model.memory import Beginning, Ending, Memory, beginning, ending

RESTS = SEPARATOR.join(("prod", "", "prod", "of-the-folder", "", ""))


@pytest.mark.parametrize(
    ("profile", "copied", "saves"),
    [("prod", True, False), ("prod", False, False), (None, True, True), (None, False, False)],
)
def test_switch_after_a_folder_was_left(profile: str | None, copied: bool, saves: bool) -> None:
    """The profile from outside is there again: a copy of the folder's is of no use."""
    environ = {MEMORY: RESTS}
    if profile is not None:
        environ["DOKPLOY_PROFILE"] = profile
    if copied:
        environ[f"{SAVED}DOKPLOY_PROFILE"] = "of-the-folder"
    assert beginning(environ, "staging") == Beginning(saves, [], Memory())
    assert beginning({}, "staging") == Beginning(True, [], Memory())


def test_off_after_a_folder_was_left() -> None:
    """The tool put the session's profile back, which goes; or there is none any more."""
    environ = {MEMORY: RESTS}
    assert ending(environ | {"DOKPLOY_PROFILE": "prod"}) == Ending(["DOKPLOY_PROFILE"])
    assert ending(environ) == Ending([])
