"""What `dctx auth` decides, without files and without a panel."""

from __future__ import annotations

from typing import Any

import pytest

from dokploy_ctx.model import auth_plan
from dokploy_ctx.model.account import Identity
from dokploy_ctx.model.auth_plan import BY_PROGRAM, MOVES, STAYS, TO_FILE, TO_KEYRING, Request
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.model.resolve import Config

URL = "https://panel.example.com"
ACME = {"id": "a", "name": "Acme"}
KEY = "k" * 64


def config(current: str = "", **entries: dict[str, Any]) -> Config:
    return Config({name: Profile(name, dict(raw)) for name, raw in entries.items()}, current)


def request(name: str = "acme", **how: Any) -> Request:
    start: dict[str, Any] = {"is_named": True, "url": URL, "key_storage": TO_FILE, "key": KEY}
    return Request(name, **{**start, **how})


def changed(before: Config, wanted: Request) -> dict[str, Any]:
    """Return config.json after the plan was carried out."""
    data: dict[str, Any] = {"profiles": {n: p.raw for n, p in before.profiles.items()}}
    if before.current:
        data["currentProfile"] = before.current
    plan = auth_plan.decide(before, wanted)
    plan.apply(data, data["profiles"].setdefault(wanted.name, {}))
    return data


def test_the_first_profile_is_the_default() -> None:
    assert changed(config(), request()) == {
        "profiles": {"acme": {"url": URL, "token": KEY}},
        "currentProfile": "acme",
    }


def test_a_second_profile_is_not_and_one_without_a_name_is() -> None:
    before = config("acme", acme={"url": URL, "token": "old"})
    assert not auth_plan.decide(before, request("globex")).becomes_default
    plan = auth_plan.decide(before, request("default", is_named=False))
    assert (plan.becomes_default, plan.former) == (True, "acme")
    again = config("default", default={"url": URL, "token": "old"})
    plan = auth_plan.decide(again, request("default", is_named=False))
    assert (plan.becomes_default, plan.former) == (False, "")


def test_the_first_profile_with_a_key_is_the_default_where_there_is_none() -> None:
    imported = {"url": URL, "organization": ACME}
    before = config(acme=imported, globex=imported)
    assert auth_plan.decide(before, request("globex")).becomes_default
    assert not auth_plan.decide(config("acme", acme=imported), request("globex")).becomes_default
    working = config(acme={**imported, "token": "k"}, globex=imported)
    assert not auth_plan.decide(working, request("globex")).becomes_default
    gone = config("removed", acme=imported)
    assert auth_plan.decide(gone, request("acme")).becomes_default


def test_a_new_key_replaces_what_was_known_of_the_old_one_and_nothing_else() -> None:
    old = {"token": "old", "keyId": "1", "expiresAt": "2027-01-01", "organization": ACME}
    before = config("acme", acme={"url": URL, **old, "protected": True, "theme": {"x": 1}})
    identity = Identity("a", "Acme")
    after = changed(before, request(identity=identity))["profiles"]["acme"]
    assert after == {
        "url": URL,
        "protected": True,
        "theme": {"x": 1},
        "token": KEY,
        "organization": ACME,
    }


@pytest.mark.parametrize("goes", [STAYS, MOVES])
def test_a_key_that_stays_the_same_keeps_what_is_known_of_it(goes: str) -> None:
    before = config("acme", acme={"url": URL, "token": KEY, "keyId": "1"})
    after = changed(before, request(key_storage=goes))["profiles"]["acme"]
    assert after["keyId"] == "1"
    assert ("token" in after) is (goes == STAYS)  # the keyring's name for it comes when it is there


@pytest.mark.parametrize("goes", [BY_PROGRAM, TO_KEYRING])
def test_a_key_that_goes_elsewhere_leaves_the_file(goes: str) -> None:
    before = config("acme", acme={"url": URL, "token": "old", "keyId": "1"})
    fields = {"tokenCommand": ["pass", "x"]} if goes == BY_PROGRAM else {}
    after = changed(before, request(key_storage=goes, fields=fields))["profiles"]["acme"]
    assert after == {"url": URL, **fields}


@pytest.mark.parametrize(
    ("entry", "identity", "is_replaced"),
    [
        ({"url": "https://other.example.com", "token": "o"}, None, True),
        ({"url": URL, "token": "o", "organization": ACME}, Identity("g", "Globex"), True),
        ({"url": URL, "token": "o", "organization": ACME}, Identity("a", "Acme"), False),
        ({"url": URL, "token": "o", "organization": ACME}, None, False),
        ({"url": URL, "token": "o"}, Identity("g", "Globex"), False),
        ({"url": "", "token": "o"}, None, False),
    ],
)
def test_another_panel_or_organization_is_replaced(
    entry: dict[str, Any], identity: Identity | None, is_replaced: bool
) -> None:
    plan = auth_plan.decide(config("acme", acme=entry), request(identity=identity))
    assert (plan.replaced is not None) is is_replaced
    assert plan.renews_key is (not is_replaced)


def test_a_profile_without_a_key_has_no_key_to_renew() -> None:
    plan = auth_plan.decide(config("acme", acme={"url": URL}), request())
    assert (plan.renews_key, plan.replaced, plan.is_new) == (False, None, False)


def test_a_color_is_set_and_removed() -> None:
    before = config("acme", acme={"url": URL, "token": KEY, "color": "red"})
    entry = before.profiles["acme"].raw
    auth_plan.settings_alone(before.profiles["acme"], {"color": "blue"}).apply({}, entry)
    assert entry["color"] == "blue"
    auth_plan.settings_alone(before.profiles["acme"], {"color": None}).apply({}, entry)
    assert entry == {"url": URL, "token": KEY}
