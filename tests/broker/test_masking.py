"""All secrets in a real server's answers are masked, and all other bytes stay the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokploy_ctx.broker.errors_of_server import passes
from dokploy_ctx.broker.forms import MASK, looks_random, mask_env
from dokploy_ctx.broker.free_text import mask_hook, mask_text
from dokploy_ctx.broker.masking import MOST_BYTES, NotMaskable, mask_answer

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "secrets.json").read_text(encoding="utf-8")
)
ANSWERS: list[dict[str, Any]] = RECORDED["answers"]
_ALL = {*RECORDED["markers"], *RECORDED["plain"]}
_ANY = re.compile("|".join(sorted(map(re.escape, _ALL), key=len, reverse=True)))


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def masked(answer: dict[str, Any], text: str) -> str:
    names = answer["procedure"].split(",")
    rest, failed = answer["form"] == "rest", answer["status"] >= 400
    return mask_answer(text.encode(), names, rest=rest, failed=failed).body.decode()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def alike(before: Any, after: Any) -> bool:
    """Return whether only strings differ, and each of those that differ holds the mask."""
    if isinstance(before, str) and isinstance(after, str):
        return before == after or MASK in after
    if type(before) is not type(after):
        return False
    if isinstance(before, dict):
        return list(before) == list(after) and all(alike(before[k], after[k]) for k in before)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(alike, before, after))
    return bool(before == after)


def test_no_marker_of_the_recorded_answers_arrives_and_every_plain_one_does() -> None:
    assert (len(ANSWERS), len(RECORDED["markers"]), len(RECORDED["plain"])) == (345, 284, 315)
    arrived: set[str] = set()
    for answer in ANSWERS:
        arrived |= set(_ANY.findall(masked(answer, compact(answer["body"]))))
    assert arrived & RECORDED["markers"].keys() == set()
    assert RECORDED["plain"].keys() - arrived == set()


SPELLINGS: dict[str, Callable[[Any], str]] = {
    "as the server writes it": compact,
    "in ASCII": lambda body: json.dumps(body, ensure_ascii=True, indent=1),
    "with blanks": lambda body: json.dumps(
        body, ensure_ascii=False, indent=3, separators=(" ,", " :\t")
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_only_strings_with_secrets_change_however_the_answer_is_spelled(spelling: str) -> None:
    for answer in ANSWERS:
        text = SPELLINGS[spelling](answer["body"])
        new = masked(answer, text)
        assert alike(json.loads(text), json.loads(new)), answer["procedure"]
        assert not set(_ANY.findall(new)) & RECORDED["markers"].keys(), answer["procedure"]
        if MASK not in new:
            assert new == text
        assert masked(answer, new) == new, "a second masking changes nothing"


def test_a_name_or_value_in_escapes_is_the_same_name_or_value() -> None:
    text = r'{"result":{"data":{"json":{"p\u0061ssword":"\u0073ecret-1","n":"\u00e9\/"}}}}'
    new = mask_answer(text.encode(), ["x.one"], rest=False, failed=False).body.decode()
    assert new == r'{"result":{"data":{"json":{"p\u0061ssword":"' + MASK + r'","n":"\u00e9\/"}}}}'


@pytest.mark.parametrize("name", ["password", "DB_PASSWORD", "dbPassword", "x-api-key", "api_key",
    "accessToken", "privateKey", "clientSecret", "Authorization"])  # fmt: skip
@pytest.mark.parametrize("value", ['""', "null", "12345678", "true", '{"a":1}', '["b"]'])
def test_what_is_no_text_stays(name: str, value: str) -> None:
    text = f'{{"result":{{"data":{{"json":{{"{name}":{value}}}}}}}}}'
    new = mask_answer(text.encode(), ["x.one"], rest=False, failed=False).body.decode()
    assert new == (text if value != '["b"]' else text.replace('"b"', f'"{MASK}"'))


@pytest.mark.parametrize(
    ("procedure", "stays"),
    [("settings.getDokployVersion", True), ("compose.getConvertedCompose", False),
     ("patch.readRepoFile", False), ("brand.newOne", False)],
)  # fmt: skip
def test_an_answer_that_is_one_string_is_masked_whole_unless_it_is_known(
    procedure: str, stays: bool
) -> None:
    for rest, text in ((False, '{"result":{"data":{"json":"v0.30.2"}}}'), (True, '"v0.30.2"')):
        new = mask_answer(text.encode(), [procedure], rest=rest, failed=False).body.decode()
        assert new == (text if stays else text.replace("v0.30.2", MASK))


def test_each_part_of_a_batch_goes_by_its_own_procedure() -> None:
    parts = [{"result": {"data": {"json": "v0.30.2"}}}] * 2
    names = ["settings.getDokployVersion", "patch.readRepoFile"]
    new = json.loads(mask_answer(compact(parts).encode(), names, rest=False, failed=False).body)
    assert [part["result"]["data"]["json"] for part in new] == ["v0.30.2", MASK]


def test_each_row_of_a_rest_answer_goes_by_its_procedure() -> None:
    """A list is a batch in tRPC alone."""
    rows = compact([{"id": "invitation-1"}, {"id": "invitation-2"}]).encode()
    new = mask_answer(rows, ["user.getInvitations"], rest=True, failed=False).body
    assert json.loads(new) == [{"id": MASK}] * 2


def test_fields_of_a_rest_answer_are_not_the_frame_of_trpc() -> None:
    body = compact({"result": {"data": {"json": "two words"}}}).encode()
    assert mask_answer(body, ["application.one"], rest=True, failed=False).body == body
    assert b"two words" not in mask_answer(body, ["application.one"], rest=False, failed=False).body


def test_what_tells_the_reader_of_json_its_types_arrives_as_it_is() -> None:
    meta = {"values": {"env": ["undefined"], "backups.0.env.at": ["Date"]}, "v": 1}
    body = compact({"result": {"data": {"json": {"env": "A=secret"}, "meta": meta}}})
    new = mask_answer(body.encode(), ["compose.one"], rest=False, failed=False).body.decode()
    assert new == body.replace("A=secret", f"A={MASK}")


def test_what_describes_the_inputs_arrives_as_it_is() -> None:
    """A field that describes "password" is not a password, and programs read these types."""
    value = {"paths": {"/a.b": {"password": {"type": "string"}, "env": "string", "token": "x"}}}
    name = "settings.getOpenApiDocument"
    text = compact({"result": {"data": {"json": value}}})
    for body, rest in ((text, False), (compact(value), True)):
        assert mask_answer(body.encode(), [name], rest=rest, failed=False).strings == 0
        assert mask_answer(body.encode(), ["a.b"], rest=rest, failed=False).strings > 0
    error = compact({"message": "failed hunter2pw"})
    assert MASK in mask_answer(error.encode(), [name], rest=True, failed=True).body.decode()


def test_a_new_key_does_not_arrive() -> None:
    text = '{"result":{"data":{"json":{"id":"k1","key":"abc","name":"n"}}}}'
    new = mask_answer(text.encode(), ["user.createApiKey"], rest=False, failed=False).body.decode()
    assert new == text.replace('"abc"', f'"{MASK}"')


NO_ANSWERS = [b"<html>", b"\xff\xfe{}", b'{"a":', b"{" * 5000, b"\xef\xbb\xbf{}", b'"text"']
NO_ANSWERS.append('{"a":"b"}'.encode("utf-16"))


@pytest.mark.parametrize("body", NO_ANSWERS)
def test_what_cannot_be_looked_through_is_refused(body: bytes) -> None:
    with pytest.raises(NotMaskable):
        mask_answer(body, ["x.one"], rest=False, failed=False)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(NotMaskable, match="8 MB"):
        mask_answer(b'"' + b"a" * MOST_BYTES + b'"', ["x.one"], rest=True, failed=False)


ENV_TEXTS = {
    "A=1\nB=two words\n": f"A={MASK}\nB={MASK}\n",
    "A=1\r\nB=2": f"A={MASK}\r\nB={MASK}",
    "export A=1\n\n  B = 2\n": f"export A={MASK}\n\n  B = {MASK}\n",
    "# a comment with a secret\nA=": f"{MASK}\nA=",
    'A="one\ntwo=2\nthree"\nB=4': f"A={MASK}\nB={MASK}",
    "K=-----BEGIN PRIVATE KEY-----\nMIIE=\n-----END PRIVATE KEY-----\nB=4": f"K={MASK}\nB={MASK}",
    "a line without a name": MASK,
    "MIIEvQIBADANBgkqhkiG9w0BAQEF=": MASK,
    "A: yaml": f"A: {MASK}",
    "A=1\nq2x4Zw==": f"A={MASK}\n{MASK}",
    'A="x\\"y\ntwo=3"\nB=4': f"A={MASK}\nB={MASK}",
    "A='tis\nB=2\nC=3": f"A={MASK}\nB={MASK}\nC={MASK}",
}


@pytest.mark.parametrize("text", ENV_TEXTS)
def test_env_text_keeps_its_names(text: str) -> None:
    assert mask_env(text) == ENV_TEXTS[text]


URLS = {
    "postgres://u:p@db/app": f"postgres://u:{MASK}@db/app",
    "see https://u:p@w@h/x?a=1": f"see https://u:{MASK}@h/x?a=1",
    "https://ghp_0123456789abcdefghijABCDEFGHIJ0123456@github.com/a": f"https://{MASK}@github.com/a",
    "https://git@github.com/a": "https://git@github.com/a",
    "https://h/cb?token=abc&a=1": f"https://h/cb?token={MASK}&a=1",
    "https://hooks.slack.com/services/T/B/xyz": f"https://hooks.slack.com/{MASK}",
    "--s3-secret-access-key=abc --s3-region=eu": f"--s3-secret-access-key={MASK} --s3-region=eu",
    "Authorization: Bearer abcdefgh12": f"Authorization: Bearer {MASK}",
    "a plain sentence, with: a colon": "a plain sentence, with: a colon",
    "https://panel.example.com:3000/x/y": "https://panel.example.com:3000/x/y",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855":
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}  # fmt: skip


@pytest.mark.parametrize("text", URLS)
def test_text_is_masked_by_form(text: str) -> None:
    assert mask_text(text) == URLS[text]


def test_a_webhook_keeps_its_host_alone() -> None:
    assert mask_hook("https://discord.example/api/x?y=z") == f"https://discord.example/{MASK}"
    assert mask_hook("https://u:p@h/x") == f"https://u:{MASK}@h/{MASK}"
    assert mask_hook("no url") == MASK


@pytest.mark.parametrize(
    ("text", "random"),
    [("x7Kq9ZpL2mN4vB8tR1wY", True), ("a9f3c2e1b4d7a9f3c2e1b4d7e8f0a1b2", True),
     ("production-environment-eu-1", False), ("2026-11-26T14:24:47.607Z", False),
     ("/etc/dokploy/traefik/dynamic/x.yml", False), ("short", False), ("two words here ok", False)],
)  # fmt: skip
def test_a_word_that_nobody_typed_is_told_from_others(text: str, random: bool) -> None:
    assert looks_random(text) is random


def test_an_unknown_field_is_masked_if_it_looks_like_a_secret() -> None:
    text = '{"result":{"data":{"json":{"brandNew":"x7Kq9ZpL2mN4vB8tR1wY","b":"eu-central"}}}}'
    new = mask_answer(text.encode(), ["x.one"], rest=False, failed=False).body.decode()
    assert new == text.replace("x7Kq9ZpL2mN4vB8tR1wY", MASK)


def test_messages_of_errors_pass_only_where_the_server_always_words_them_alike() -> None:
    issues = json.dumps([{"code": "invalid_type", "path": ["a"], "message": "Invalid input"}])
    for message in ("UNAUTHORIZED", "Compose not found", "Input validation failed", issues,
                    'No procedure found on path "a.b"'):  # fmt: skip
        assert passes(message), message
    for message in ("Command failed: rclone --key=s3cr3t", "x\nCompose not found", "[1]",
                    "Compose not found: s3cr3t", "Unresolved alias: s3cr3t"):  # fmt: skip
        assert not passes(message), message


SECRET_NAMES = st.sampled_from(["env", "password", "apiToken", "buildArgs", "privateKey", "token"])
TEXT = st.text(max_size=20)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.just("S3CR3T-value"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT, inner, max_size=4)
        | st.dictionaries(
            SECRET_NAMES, st.sampled_from(["S3CR3T-value", "A=S3CR3T-value"]), max_size=3
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(TREES, st.booleans())
def test_any_answer_stays_json_of_the_same_shape(tree: Any, escaped: bool) -> None:
    body = {"result": {"data": {"json": {"value": tree}}}}
    text = json.dumps(body, ensure_ascii=escaped)
    if (
        "\\ud" in text.lower()
    ):  # lone surrogates are not UTF-8, so servers only send them as escapes
        text = json.dumps(body, ensure_ascii=True)
    out = mask_answer(text.encode(), ["x.one"], rest=False, failed=False)
    new = json.loads(out.body)
    assert alike(json.loads(text), new)
    for name in ("env", "password", "apiToken", "buildArgs", "privateKey", "token"):
        for found in re.finditer(rf'"{name}": "((?:[^"\\]|\\.)*)"', out.body.decode()):
            assert "S3CR3T" not in found.group(1)
