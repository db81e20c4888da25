"""When a key expires: past, soon, later, never, and a text that is not a time."""

from __future__ import annotations

import pytest

from dokploy_ctx.model.expiry import Expiry
from dokploy_ctx.model.profile import Profile

END = "2027-01-01T00:00:00Z"
AT = 1798761600
SOON = 7 * 86400  # as the README says; not the constant, which a typing error would change here too


@pytest.mark.parametrize(
    ("now", "past", "soon"),
    [
        (AT - SOON - 1, False, False),
        (AT - SOON, False, True),
        (AT - 1, False, True),
        (AT, True, False),
        (AT + 1, True, False),
    ],
)
def test_what_an_expiry_means_at_a_moment(now: int, past: bool, soon: bool) -> None:
    assert Expiry.of(END, now) == Expiry(AT, "2027-01-01", past, soon)


@pytest.mark.parametrize("text", ["", None])
def test_a_key_without_an_expiry_never_expires(text: object) -> None:
    assert Expiry.of(text) == Expiry(None, "", past=False, soon=False)
    assert not Expiry.of(text).within(36500)


def test_a_text_that_is_not_a_time_is_shown_and_compared_with_nothing() -> None:
    assert Expiry.of("next\x1b[2J week", AT) == Expiry(None, "next[2J we")
    assert not Expiry.of("next week").within(36500)


def test_a_time_without_a_zone_is_utc() -> None:
    assert Expiry.of("2027-01-01T00:00:00").at == Expiry.of("2027-01-01").at == AT


@pytest.mark.parametrize(("days", "within"), [(0, False), (1, True), (14, True)])
def test_within_counts_days_from_now(days: int, within: bool) -> None:
    assert Expiry.of(END, AT - 86400).within(days, AT - 86400) is within


def test_a_profile_knows_its_expiry() -> None:
    assert Profile("x", {"expiresAt": END}).expiry.day == "2027-01-01"
    assert Profile("x", {}).expiry == Expiry()
