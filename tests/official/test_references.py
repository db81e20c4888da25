"""`@name`: which arguments are ours, and which thing a name stands for."""

from __future__ import annotations

import pytest

from dokploy_ctx.errors import NoSuchProfile, UsageError
from dokploy_ctx.official.references import Reference, find, match
from dokploy_ctx.official.things import Thing

APPS = [
    Thing("application", "id1", ("Acme Shop", "production", "shop-api")),
    Thing("application", "id2", ("Acme Shop", "staging", "shop-api")),
    Thing("application", "id3", ("Globex", "production", "web")),
    Thing("application", "id4", ("Globex", "production", "a/b")),
    Thing("application", "id5", ("Globex", "production", "日本語")),
    Thing("application", "id6", ("Globex", "production", "$(id) 'x' \"y\"")),
    Thing("application", "id7", ("Globex", "production", "-lead")),
    Thing("application", "id8", ("Globex", "production", "@home")),
    Thing("compose", "id9", ("Globex", "production", "web")),
]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["application", "one", "--applicationId", "@shop"], [(3, "application", "shop", False)]),
        (["application", "deploy", "--applicationId=@a/b c"], [(2, "application", "a/b c", True)]),
        (["notification", "create", "--chatId", "@channel"], []),
        (["application", "update", "--title", "@x", "--name=@y"], []),
        (["@x", "one", "@y"], []),
        (["application", "one", "--applicationId", "id"], []),
        (["application", "one", "--applicationId", "@"], []),
        (["application", "one", "--", "--applicationId", "@x"], []),
        (["application", "one", "--json", "@x", "--applicationId", "@y"],
         [(5, "application", "y", False)]),
        (["postgres", "move", "--postgresId", "@db", "--targetEnvironmentId", "@prod"],
         [(3, "postgres", "db", False), (5, "environment", "prod", False)]),
    ],
)  # fmt: skip
def test_which_arguments_are_names(
    args: list[str], expected: list[tuple[int, str, str, bool]]
) -> None:
    found, plain = find(args)
    assert [(r.at, r.kind, r.text, r.joined) for r in found] == expected
    assert plain == args


def test_two_signs_stand_for_one() -> None:
    found, plain = find(["application", "one", "--applicationId", "@@home", "--title", "@@x"])
    assert found == []
    assert plain == ["application", "one", "--applicationId", "@home", "--title", "@@x"]
    assert find(["application", "one", "--applicationId=@@home"])[1][-1] == "--applicationId=@home"


def test_a_reference_knows_its_option() -> None:
    assert find(["server", "one", "--buildServerId", "@b"])[0] == [
        Reference(3, "--buildServerId", "server", "b", False)
    ]


@pytest.mark.parametrize(
    ("text", "id_"),
    [("production/shop-api", "id1"), ("staging/shop-api", "id2"), ("web", "id3"), ("a/b", "id4"),
     ("Acme Shop/production/shop-api", "id1"), ("Globex/production/a/b", "id4"), ("日本語", "id5"),
     ("$(id) 'x' \"y\"", "id6"), ("-lead", "id7"), ("production/@home", "id8")],
)  # fmt: skip
def test_a_name_that_is_clear(text: str, id_: str) -> None:
    assert match(APPS, "application", text).id == id_


def test_a_name_of_several_is_refused_with_each_path() -> None:
    with pytest.raises(UsageError) as error:
        match(APPS, "application", "shop-api")
    assert '"@Acme Shop/production/shop-api", "@Acme Shop/staging/shop-api"' in str(error.value)


@pytest.mark.parametrize("text", ["Shop-API", "api", "hop-api", "b", "tion/shop-api", "", "nosuch"])
def test_a_name_that_none_has_is_not_found(text: str) -> None:
    with pytest.raises(NoSuchProfile, match="not found"):
        match(APPS, "application", text)


def test_the_nearest_names_are_said() -> None:
    with pytest.raises(NoSuchProfile, match='Did you mean "@Globex/production/web"'):
        match(APPS, "application", "wbe")
    with pytest.raises(NoSuchProfile, match="There is no redis here"):
        match(APPS, "redis", "cache")
