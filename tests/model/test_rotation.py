"""What `dctx rotate` decides, without files and without a panel."""

from __future__ import annotations

from typing import Any

import pytest

from dokploy_ctx.errors import DctxError, UsageError
from dokploy_ctx.model.account import Identity, Organization
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.model.resolve import Config
from dokploy_ctx.model.rotation import Plan, decide

URL = "https://panel.example.com"
KEY = "k" * 64
ACME, GLOBEX = Organization("a", "Acme"), Organization("g", "Globex")
DAY = 86400


def row(**how: Any) -> dict[str, Any]:
    return {"id": "1", "name": "mine", "createdAt": "2026-01-01", "enabled": True, **how}


def decided(
    raw: dict[str, Any], *rows: dict[str, Any], lifetime: str | None = None, by: str = ""
) -> Plan:
    profile = Profile("x", {"url": URL, "organization": {"id": "a", "name": "Acme"}, **raw})
    other = Profile("other", {"url": URL, "token": "o" * 64})
    identity = Identity(
        "g" if by else "a", "Globex" if by else "Acme", keys=rows, organizations=(ACME, GLOBEX)
    )
    config = Config({"x": profile, "other": other})
    maker = other if by else profile
    return decide(profile, maker, maker.token, identity, config, lifetime)


def test_the_new_key_has_the_name_and_the_lifetime_of_the_old_one() -> None:
    plan = decided(
        {"token": KEY, "keyId": "1"}, row(expiresAt="2026-01-31", rateLimitEnabled=False)
    )
    assert (plan.organization, plan.name, plan.seconds) == (ACME, "mine", 30 * DAY)
    assert (plan.replaces, plan.notices) == (("1",), ())


def test_what_a_person_says_of_the_lifetime_counts() -> None:
    assert decided({"token": KEY, "keyId": "1"}, row(), lifetime="7d").seconds == 7 * DAY
    assert (
        decided({"token": KEY, "keyId": "1"}, row(expiresAt="2026-01-31"), lifetime="never").seconds
        is None
    )


def test_of_several_keys_that_can_be_the_old_one_none_is_taken_for_it() -> None:
    plan = decided({"token": KEY}, row(), row(id="2", name="other"))
    assert plan.replaces == ("1", "2")
    assert plan.name.startswith("dctx x ")


def test_a_lifetime_that_nobody_knows_is_asked_for() -> None:
    with pytest.raises(UsageError, match="Run: dctx rotate x --expires 90d"):
        decided({"token": KEY, "keyId": "gone", "expiresAt": "2026-01-31"})


def test_a_profile_without_a_key_has_no_old_key() -> None:
    plan = decided({}, row(), by="other")
    assert (plan.organization, plan.rows, plan.replaces) == (ACME, (), ())
    assert (plan.seconds, plan.notices, plan.as_another) == (None, (), "")


def test_another_users_key_is_said() -> None:
    assert decided({"token": KEY, "keyId": "9"}, row(), by="other").as_another == "other"
    assert decided({"token": KEY, "keyId": "1"}, row(), by="other").as_another == ""


def test_an_organization_out_of_reach_is_an_error_with_a_way_out() -> None:
    with pytest.raises(DctxError, match="--profile NAME"):
        decided({"token": KEY, "organization": {"id": "u", "name": "Umbrella"}}, by="other")
