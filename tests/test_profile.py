"""What a profile is: URLs and names, and what is said of those that are none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dokploy_ctx.errors import UsageError
from dokploy_ctx.profile import check_new_name, normalize_url

from .conftest import Result

Dctx = Callable[..., Result]
KEY = "SecretKey" * 7 + "x"


# A key in the wrong place.


@pytest.mark.parametrize("key", [KEY, f"Bearer {KEY}", f"team_{KEY}", "k" * 25])
def test_key_given_as_the_url_is_not_shown(dctx: Dctx, key: str) -> None:
    ran = dctx("auth", "a", "-u", key, "-t", "-", stdin="x")
    assert (ran.code, ran.err) == (
        2,
        "dctx: that is not a URL. Include https:// (or http://).\n",
    )


@pytest.mark.parametrize("url", ["panel", "k" * 24, f"{KEY}.example.com", "ftp://x"])
def test_what_may_be_meant_as_a_url_is_shown(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        normalize_url(url)
    assert str(caught.value).startswith(f'"{url}" is not a URL')


@pytest.mark.parametrize(
    "words", [["a", KEY], ["a", KEY, "b"], ["-u", "http://127.0.0.1", "a", KEY]]
)
def test_key_given_behind_the_name_is_not_shown(dctx: Dctx, words: list[str]) -> None:
    ran = dctx("auth", *words)
    assert (ran.code, ran.err) == (2, "dctx: auth takes one name. See: dctx auth --help\n")


def test_extra_word_of_another_command_is_shown(dctx: Dctx) -> None:
    ran = dctx("rename", "a", "b", "c")
    assert (ran.code, "(c)" in ran.err) == (2, True)


def test_word_too_long_for_a_name_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        check_new_name(f"team_{KEY}", [])
    assert str(caught.value).startswith("a word of 69 characters cannot be a profile's name. Use 1")
