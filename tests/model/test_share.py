"""What `dctx import` decides and says, without files and without a panel."""

from __future__ import annotations

from typing import Any

from dokploy_ctx.model.profile import Profile
from dokploy_ctx.model.resolve import Config
from dokploy_ctx.model.share import decide, next_steps

URL = "https://panel.example.com"
OTHER = "https://other.example.com"


def config(**entries: dict[str, Any]) -> Config:
    return Config({name: Profile(name, {"url": URL, **raw}) for name, raw in entries.items()})


def of(name: str) -> dict[str, Any]:
    return {"organization": {"id": name, "name": name.title()}}


def test_the_first_profiles_bring_a_default_that_has_a_key() -> None:
    theirs = {"a": {"url": URL}, "b": {"url": URL, "token": "k"}, "c": {"url": URL, "token": "k"}}
    assert decide(Config(), theirs, "c").default == "c"
    assert decide(Config(), theirs, "a").default == "b"
    assert decide(config(mine={"token": "m"}), theirs, "c").default == ""


def test_a_profile_that_stays_as_it_is_is_not_a_change() -> None:
    plan = decide(config(a={"token": "mine"}), {"a": {"url": URL}, "b": {"url": URL}})
    assert [merge.name for merge in plan.changes] == ["b"]
    assert len(plan.merges) == 2


def test_one_key_of_a_panel_leads_to_the_others() -> None:
    now = config(acme=of("acme"), globex=of("globex"), initech=of("initech"), new={})
    assert next_steps(now, ["acme", "globex", "initech", "new"]) == [
        "acme has no key yet. Run: dctx auth acme",
        (
            "globex, initech have no key yet. When acme has its key, run: "
            "dctx orgs sync --profile acme"
        ),
        "new has no key yet. Run: dctx auth new",
    ]


def test_a_profile_with_a_key_on_that_panel_makes_the_others() -> None:
    now = config(
        mine={"token": "k", **of("acme")}, globex=of("globex"), far={"url": OTHER, **of("x")}
    )
    assert next_steps(now, ["globex", "far"]) == [
        "globex has no key yet. Run: dctx orgs sync --profile mine",
        "far has no key yet. Run: dctx auth far",
    ]


def test_an_expired_key_makes_no_others() -> None:
    now = config(mine={"token": "k", "expiresAt": "2020-01-01"}, globex=of("globex"))
    assert next_steps(now, ["globex"]) == ["globex has no key yet. Run: dctx auth globex"]


def test_who_has_a_key_is_not_spoken_of() -> None:
    assert next_steps(config(a={"token": "k"}, b={"keyring": "b-1"}), ["a", "b"]) == []
