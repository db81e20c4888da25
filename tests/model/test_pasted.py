"""Keys are found in what people paste; other texts stay as they are."""

from __future__ import annotations

import pytest

from dokploy_ctx.model.pasted import Pasted, is_unfinished, read

KEY = "dctx" + "aB3" * 20


@pytest.mark.parametrize(
    "form",
    [
        '"{}"',
        "'{}'",
        "Bearer {}",
        "bearer  {} ",
        " 'Bearer {}' ",
        "Bearer '{}'",
        "x-api-key: {}",
        "X-API-Key:{}",
        "'x-api-key: {}'",
        '-H "x-api-key: {}"',
        '"x-api-key": "{}",',
        "Authorization: Bearer {}",
        "DOKPLOY_API_KEY={}",
        'DOKPLOY_API_KEY="{}"',
        "DOKPLOY_AUTH_TOKEN = '{}'",
        "export DOKPLOY_API_KEY={}",
        'export DOKPLOY_API_KEY="{}";',
        "set -gx DOKPLOY_API_KEY {}",
        'set -x DOKPLOY_API_KEY "{}"',
        "$env:DOKPLOY_API_KEY = '{}'",
    ],
)
def test_the_key_is_found_in_what_is_around_it(form: str) -> None:
    assert read(form.format(KEY) + "\n") == Pasted(KEY, more=True)


@pytest.mark.parametrize("form", ["{}", "{}\n", "{}\r\n", "  {}\t", " {} \n"])
def test_a_key_alone_is_taken_as_it_is(form: str) -> None:
    assert read(form.format(KEY)) == Pasted(KEY)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("key", "key"),
        (" key\t\n", "key"),
        ("'key'", "key"),
        ('Bearer "key"', "key"),
        ("BEARER key", "key"),
        ("bearerkey", "bearerkey"),
        ("", ""),
    ],
)
def test_it_is_told_if_more_was_pasted_than_the_key(text: str, key: str) -> None:
    found = read(text)
    assert found.key == key
    assert found.more == (text.strip() != key)


def test_a_curl_line_has_a_url_too() -> None:
    line = f"curl -X GET 'https://panel.example.com/api/project.all' -H 'x-api-key: {KEY}'"
    assert read(line) == Pasted(KEY, "https://panel.example.com/api/project.all", more=True)


@pytest.mark.parametrize(
    "text", ["", "\n", "two words", "https://panel.example.com", "set", "a=b=c d"]
)
def test_what_holds_no_key_is_not_made_into_one(text: str) -> None:
    assert read(text) == Pasted(text.strip())


def test_a_line_that_ends_in_a_backslash_goes_on() -> None:
    assert is_unfinished("curl -X GET \\\n")
    assert not is_unfinished("curl -X GET\n")
