"""What `dctx orgs sync` decides, without files and without a panel."""

from __future__ import annotations

from typing import Any

from dokploy_ctx.model.account import Identity, Organization
from dokploy_ctx.model.organizations import Step, decide
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.model.resolve import Config

URL = "https://panel.example.com"
ACME, GLOBEX, INITECH = (Organization(n[0], n) for n in ("Acme", "Globex", "Initech"))
USER = Identity("A", "Acme", organizations=(INITECH, ACME, GLOBEX))


def of(organization: str = "", token: str = "", **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"url": URL, **more}
    if organization:
        entry["organization"] = {"id": organization[0], "name": organization}
    return {**entry, "token": token} if token else entry


def decided(**entries: dict[str, Any]) -> Any:
    config = Config({name: Profile(name, raw) for name, raw in entries.items()})
    return decide(USER, list(config.profiles.values()), config)


def test_an_organization_without_a_profile_gets_one() -> None:
    plan = decided(acme=of("Acme", "k"))
    assert plan.steps == (Step(GLOBEX, "globex"), Step(INITECH, "initech"))


def test_a_profile_without_a_key_gets_one_and_no_second_profile() -> None:
    plan = decided(one=of("Acme", "k"), two=of("Globex"), three=of("Initech"))
    assert [(step.name, step.organization) for step in plan.steps] == [
        ("two", GLOBEX),
        ("three", INITECH),
    ]
    assert all(step.existing is not None for step in plan.steps)


def test_two_profiles_of_one_organization_each_get_a_key() -> None:
    plan = decided(a=of("Acme", "k"), b=of("Acme"), g=of("Globex", "k"), i=of("Initech", "k"))
    assert [step.name for step in plan.steps] == ["b"]


def test_a_profile_whose_organization_is_out_of_reach_or_unknown_is_not_made_for() -> None:
    everything = {name: of(name.title(), "k") for name in ("acme", "globex", "initech")}
    plan = decided(**everything, far=of("Umbrella"), new=of())
    assert plan.steps == ()
    assert [profile.name for profile in plan.out_of_reach] == ["far"]


def test_a_keyring_or_a_program_is_a_key() -> None:
    plan = decided(
        a=of("Acme", "k"), g=of("Globex", keyring="g-1"), i=of("Initech", tokenCommand=["x"])
    )
    assert plan.steps == ()
