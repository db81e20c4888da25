"""A program that reads, edits and writes back deletes no secret: a mask is refused.

The answers are those of a real server. Each masked value is written back in the ways that programs
have, and by the procedure that would store it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.broker.masking import mask_answer
from dokploy_ctx.broker.write_back import body_contains_mask

from .odd_panel import ask
from .test_masking import ANSWERS, compact, masked

# field → the procedure that returns it, and the one that saves it.
KINDS = {
    "env": ("application.one", "application.saveEnvironment"),
    "buildArgs": ("application.one", "application.saveEnvironment"),
    "buildSecrets": ("application.one", "application.saveEnvironment"),
    "previewEnv": ("application.one", "application.update"),
    "previewBuildArgs": ("application.one", "application.update"),
    "password": ("registry.all", "registry.update"),
    "composeFile": ("compose.one", "compose.update"),
    "content": ("mounts.listByServiceId", "mounts.update"),
    "databasePassword": ("postgres.one", "postgres.update"),
    "databaseRootPassword": ("mysql.one", "mysql.update"),
    "customGitUrl": ("application.one", "application.saveGitProvider"),
    "privateKey": ("sshKey.one", "sshKey.update"),
    "secretAccessKey": ("destination.one", "destination.update"),
    "webhookUrl": ("notification.one", "notification.updateSlack"),
    "endpoint": ("notification.one", "notification.updateCustom"),
    "script": ("schedule.one", "schedule.update"),
    "command": ("schedule.one", "schedule.update"),
    "refreshToken": ("application.one", "application.update"),
    "apiKey": ("ai.one", "ai.update"),
    "githubPrivateKey": ("github.one", "github.update"),
    "oidcConfig": ("sso.one", "sso.update"),
}


def changed(before: Any, after: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Return field and text of each string in `after` that differs in `before`."""
    if isinstance(before, dict):
        for name in before:
            yield from changed(before[name], after[name], name)
    elif isinstance(before, list):
        for one, other in zip(before, after, strict=True):
            yield from changed(one, other, field)
    elif before != after:
        yield field, after


def values(field: str, procedure: str) -> list[str]:
    """Return the masked values of `field` in the answers of `procedure`."""
    found = []
    for answer in ANSWERS:
        if answer["procedure"] == procedure and answer["status"] < 300:
            after = json.loads(masked(answer, compact(answer["body"])))
            found += [text for name, text in changed(answer["body"], after) if name == field]
    return list(dict.fromkeys(found))


# The ways in which programs write an edited text.
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: json.dumps({"json": {"x": text}}),
    "with a line more": lambda text: json.dumps({"json": {"x": f"NEW=1\n{text}\nLAST=2"}}),
    "quoted": lambda text: json.dumps({"json": {"x": f'"{text}"'}}),
    "JSON in a string": lambda text: json.dumps({"json": {"x": json.dumps({"a": text})}}),
    "not in ASCII": lambda text: json.dumps({"json": {"x": text + "\u00e9"}}, ensure_ascii=False),
    "a list of YAML": lambda text: json.dumps({"x": text.replace(MASK, f"- {MASK[1:-1]}")}),
    "in base64": lambda text: json.dumps({"auth": b64encode(f"me:{text}".encode()).decode()}),
    "of a form": lambda text: urlencode({"x": text}),
    "each letter escaped": lambda text: '{"json":{"x":"'
    + "".join(f"\\u{ord(letter):04x}" for letter in text if ord(letter) < 0x10000) + '"}}',
    "escaped for a URL": lambda text: json.dumps({"json": {"x": quote(text, safe="")}}),
    "in capitals": lambda text: json.dumps({"json": {"x": text.upper()}}),
}  # fmt: skip


@pytest.mark.parametrize("field", KINDS)
def test_a_masked_value_of_each_kind_is_not_stored(field: str) -> None:
    read, change = KINDS[field]
    texts = values(field, read)
    assert texts, "the recorded answers have such a field"
    for text in texts:
        assert MASK in text
        body = json.dumps({"json": {"id": "x", field: text}}).encode()
        for line in (f"POST /api/trpc/{change}", f"POST /api/{change}"):
            got = ask(b"", line, body, allow=("*",))
            assert (got.status, got.received) == (403, b"")
            assert b"this would write a masked value; run with --show-secrets" in got.body
        for way in WAYS.values():
            assert body_contains_mask(way(text).encode())


def test_every_value_that_was_masked_is_known_when_it_comes_back() -> None:
    count = 0
    for answer in ANSWERS:
        after = json.loads(masked(answer, compact(answer["body"])))
        for field, text in changed(answer["body"], after):
            count += 1
            for name, way in WAYS.items():
                assert body_contains_mask(way(text).encode()), (answer["procedure"], field, name)
    assert count > 284


def test_a_value_that_was_not_masked_may_be_written() -> None:
    text = json.dumps({"result": {"data": {"json": {"name": "shop", "port": 80}}}})
    plain = mask_answer(text.encode(), ["application.one"], rest=False, failed=False).body
    assert not body_contains_mask(plain)
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    got = ask(answer, "POST /api/trpc/application.update", plain, allow=("*",))
    assert got.status == 200
