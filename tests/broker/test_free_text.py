"""Secrets in free text, in names and in objects that the recorded answers do not have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.broker.free_text import mask_text
from dokploy_ctx.broker.masking import _MOST_NESTED, mask_answer

SECRET = "hunter2pw"
B64_PEM = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2UUlCQURBTkJn"


def answered(value: Any, *, meta: Any = None, status: int = 200, procedure: str = "x.one") -> Any:
    """Return the value of a tRPC answer after masking."""
    data = {"json": value} | ({} if meta is None else {"meta": meta})
    text = json.dumps({"result": {"data": data}})
    new = mask_answer(text.encode(), [procedure], rest=False, failed=status >= 400).body
    return json.loads(new)["result"]["data"]


TEXTS = {
    "jdbc": f"jdbc:postgresql://h/db?user=u&password={SECRET}",
    "jdbc of Oracle": f"jdbc:oracle:thin:scott/{SECRET}@//h:1521/x",
    "mongodb+srv": f"mongodb+srv://u:{SECRET}@h/db",
    "a slash in a URL's password": f"mongodb://u:ab/{SECRET}@h/db",
    "a slash behind digits": f"mongodb://u:12x/{SECRET}@h/db",
    "Go's DSN": f"user:{SECRET}@tcp(db:3306)/app",
    "no scheme": f"user:{SECRET}@host:5432/db",
    "npmrc": f"//registry.example.com/:_authToken={SECRET}",
    "npmrc, basic": f"_auth={SECRET}",
    "npmrc, password": f"//registry.example/:_password={SECRET}",
    "netrc": f"machine h login u password {SECRET}",
    "pgpass": f"h:5432:db:u:{SECRET}",
    "docker's auth": f'{{"auths":{{"h":{{"auth":"{SECRET}"}}}}}}',
    "kubeconfig": f"users:\n- name: a\n  user:\n    client-key-data: {SECRET}",
    "toml": f'password = "{SECRET}"',
    "ini": f"[db]\npass = {SECRET}",
    "pwd": f"pwd={SECRET}",
    "a YAML block": f"password: |\n  {SECRET}\nb: c",
    "a folded YAML block": f"a:\n  token: >-\n    {SECRET}\n  b: c",
    "quoted, with a blank": f'PASSWORD="ab {SECRET}"',
    "quoted YAML": f'password: "two {SECRET}"',
    "a quote in quotes": f"PASSWORD='a\"b {SECRET}'",
    "a comma": f"PASSWORD=ab,{SECRET}",
    "an ampersand": f"PASSWORD=ab&{SECRET}",
    "a semicolon": f"PASSWORD=ab;{SECRET}",
    "curl -u": f"curl -u admin:{SECRET} https://h",
    "--user": f"curl --user admin:{SECRET} h",
    "--password": f"mysql --password {SECRET}",
    "sshpass": f"sshpass -p {SECRET} ssh h",
    "docker login": f"docker login -u a -p {SECRET}",
    "mysqladmin": f"mysqladmin ping -h localhost -uroot -p{SECRET}",
    "redis-cli": f"redis-cli -h r -a {SECRET} ping",
    "--token": f"cloudflared tunnel run --token {SECRET}",
    "a cookie": f"Cookie: session={SECRET}",
    "Azure": f"AccountName=a;AccountKey={SECRET};EndpointSuffix=x",
    "SQL Server": f"Server=h;User Id=u;Pwd={SECRET};",
    "JSON twice": json.dumps(json.dumps({"password": SECRET})),
    "JSON in escapes": f'x {{\\"password\\":\\"{SECRET}\\"}}',
    "JSON in a sentence": f'config: {{"db":{{"pass":"{SECRET}"}}}}',
    "lines of JSON": f'{{"password":"{SECRET}"}}\n{{"a":1}}',
    "PGP": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{SECRET}\n-----END PGP-----",
    "PuTTY": f"PuTTY-User-Key-File-3: ssh\nPrivate-Lines: 1\n{SECRET}\nPrivate-MAC: 1",
    "PEM in base64": f"key {B64_PEM}{SECRET}",
    "a list of variables": f"FOO=a DB_PASS={SECRET}",
    "no blank": f"password:{SECRET}",
    "an arrow": f"'password' => '{SECRET}'",
    "XML": f"<password>{SECRET}</password>",
    "a fragment": f"https://h/#access_token={SECRET}",
}  # fmt: skip


@pytest.mark.parametrize("text", ["fix token: {}", "token: {}", "set DB_PASS={}"])
def test_a_secret_in_the_title_of_a_commit_does_not_arrive(text: str) -> None:
    """A word of prose does: see PLAIN."""
    new = answered({"title": text.format(SECRET)})["json"]["title"]
    assert SECRET not in new
    assert MASK in new


@pytest.mark.parametrize(
    ("token", "is_secret"), [("x7Kq9ZpL2mN4vB8", False), ("x7Kq9ZpL2mN4vB8t", True)]
)
def test_a_user_of_a_url_is_a_token_from_16_characters_on(token: str, is_secret: bool) -> None:
    text = f"https://{token}@github.com/o/r"
    assert mask_text(text) == (text.replace(token, MASK) if is_secret else text)


def test_json_in_json_is_looked_into_so_deep_and_no_deeper() -> None:
    text = json.dumps({"name": "shown", "password": SECRET})
    for depth in range(1, _MOST_NESTED + 2):
        new = answered({"brandNew": text})["json"]["brandNew"]
        assert SECRET not in new
        assert ("shown" in new) is (depth <= _MOST_NESTED), depth
        text = json.dumps({"inner": text})


def test_a_random_word_in_json_in_a_string_is_shown_where_its_name_says_nothing() -> None:
    """There are no fields of a newer server's in it: docker's labels are, and hashes."""
    text = json.dumps({"hash": "x7Kq9ZpL2mN4vB8tR1wY"})
    assert answered({"description": text})["json"]["description"] == text
    assert answered({"hash": "x7Kq9ZpL2mN4vB8tR1wY"})["json"]["hash"] == MASK


@pytest.mark.parametrize("field", ["description", "brandNew"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_secret_in_free_text_does_not_arrive(name: str, field: str) -> None:
    new = answered({field: TEXTS[name]})["json"][field]
    assert SECRET not in new
    assert MASK in new


PLAIN = {
    "title": ["fix token: refresh", "feat(auth): token x, key: value", "token: renew on 401",
              "docs: explain secret: how to set password: in UI", "Merge pull request #12"],
    "dockerImage": ["ghcr.io/acme/app:v1.2.3-rc1@sha256:" + "e3b0c44298fc1c14" * 4,
                    "registry.example.com:5000/acme/app@sha256:" + "12345" * 12 + "abcd"],
    "description": ["Hash: 3f786850e387550fdab836ed7e6dc881de23001b", "the API key is in the vault",
                    "ports 8080:80, 127.0.0.1:5432:5432", "git@github.com:acme/app.git"],
    "brandNew": ["0 3 * * *", "550e8400-e29b-41d4-a716-446655440000", "linux/amd64",
                 "Host(`app.example.com`) && PathPrefix(`/api`)", "2026-11-26T14:24:47.607000001Z"],
    "NetworkID": ["e3b0c44298fc1c14" * 4],
    "LogPath": ["/var/lib/docker/containers/" + "e3b0c44298fc1c14" * 4 + "/x-json.log"],
    "MergedDir": ["/var/lib/docker/overlay2/" + "e3b0c44298fc1c14" * 4 + "/merged"],
    "commitHash": ["3f786850e387550fdab836ed7e6dc881de23001b"],
    "publicKey": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfC4E1VnNq2rZ9m8T5Xy7kQpL2mN4vB me@host"],
    "bypass": ["localhost"],
}  # fmt: skip


@pytest.mark.parametrize(("field", "text"), [(f, t) for f, texts in PLAIN.items() for t in texts])
def test_ordinary_text_arrives(field: str, text: str) -> None:
    assert answered({field: text})["json"] == {field: text}


NAMES = ("dbPass", "pwd", "pass", "DB_PASS", "connectionString", "dsn", "jwt", "auth", "_auth",
    "tokens", "secrets", "passwords", "credential", "pin", "otp", "cookies", "setCookie",
    "secretKeyBase", "tokenValue", "encryptedKey", "clientKeyData", "client-key-data", "webhook",
    "hookUrl", "slackWebhookUrl", "userpass", "basicAuth", "pfx", "keystore")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_field_whose_name_says_secret_is_masked(name: str) -> None:
    assert answered({name: SECRET})["json"] == {name: MASK}


@pytest.mark.parametrize("name", ["password", "client_secret", "token", "apiKey", "privateKey"])
def test_objects_under_a_secrets_name_are_masked_too(name: str) -> None:
    for value in ({"value": SECRET}, [{"value": SECRET}], {"a": {"b": [SECRET]}}, [[SECRET]]):
        assert SECRET not in json.dumps(answered({name: value}))


def test_an_environment_that_is_an_object_keeps_its_names() -> None:
    value = {"env": {"A": "x1", "name": "x2"}, "buildArgs": [{"name": "B", "value": "x3"}], "n": 1}
    masked = {"env": {"A": MASK, "name": MASK}, "buildArgs": [{"name": "B", "value": MASK}], "n": 1}
    assert answered(value)["json"] == masked


def test_a_keys_hash_and_start_are_masked_in_every_list_of_keys() -> None:
    row = {"key": "h1", "start": "abc", "name": "ci", "prefix": "ci"}
    masked = {**row, "key": MASK, "start": MASK}
    assert answered({"user": {"apiKeys": [row]}})["json"] == {"user": {"apiKeys": [masked]}}
    assert answered({"key": "h1", "start": "abc"})["json"] == {"key": "h1", "start": "abc"}


def test_half_a_character_in_escapes_costs_no_answer() -> None:
    """JavaScript may cut a text between the two halves of an emoji."""
    text = r'{"result":{"data":{"json":{"description":"\ud83d password=hunter2pw \ud83d"}}}}'
    new = mask_answer(text.encode(), ["x.one"], rest=False, failed=False).body.decode()
    assert new == text.replace(SECRET, MASK)


DIGEST = "e3b0c44298fc1c14" * 4


def test_what_docker_says_of_a_container_arrives_without_secrets() -> None:
    layer = f"/var/lib/docker/overlay2/{DIGEST}"
    plain = {
        "Name": "/app.1.abcdefghijklmnopqrstuvwxy",
        "GraphDriver": {"Data": {"LowerDir": f"{layer}-init/diff:{layer}/diff"}},
        "Mounts": [{"Name": DIGEST, "Source": f"/var/lib/docker/volumes/{DIGEST}/_data"}],
        "Secrets": [{"SecretID": "abcdefghijklmnopqrstuvwxy", "SecretName": "db_pw"}],
        "TLSInfo": {"CertIssuerPublicKey": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9fT8e7s6d5f4"},
    }
    secret = {
        "Config": {
            "Env": [f"A={SECRET}", f"B=x\n{SECRET}"],
            "Cmd": ["sh", "-c", f"psql -W {SECRET}"],
            "Entrypoint": ["x", SECRET],
            "Healthcheck": {"Test": ["CMD", "redis-cli", "-a", SECRET, "ping"]},
            "Labels": {"my.api.token": SECRET},
        },
        "JoinTokens": {"Worker": f"SWMTKN-1-{'a1b2c3d4e5' * 5}-{SECRET}"},
    }
    found = answered({**plain, **secret}, procedure="docker.getConfig")["json"]
    assert {name: found[name] for name in plain} == plain
    assert SECRET not in json.dumps(found)
    assert found["Config"]["Env"][0] == f"A={MASK}"


@pytest.mark.parametrize("text", ['{"result":"%s"}', '{"json":"%s"}', '{"result":{"data":"%s"}}'])
def test_one_string_is_masked_whole_in_whatever_envelope(text: str) -> None:
    body = (text % SECRET).encode()
    assert SECRET.encode() not in mask_answer(body, ["x.one"], rest=False, failed=False).body


def test_how_superjson_reads_the_answer_stays() -> None:
    meta = {"values": {"password": ["undefined"], "env": ["Date"], "token.at": ["Date"]}, "v": 1}
    assert answered({"password": None}, meta=meta)["meta"] == meta


ERRORS = [
    '{"message":"failed %s","code":"INTERNAL"}',
    '{"error":"failed %s"}',
    '"failed %s"',
    '["failed %s"]',
    '{"error":{"message":"failed %s"}}',
    '{"error":{"json":{"message":"failed %s"}}}',
    '[{"error":{"json":{"message":"failed %s"}}}]',
    '{"error":{"json":{"message":"NOT_FOUND","data":{"cause":"failed %s"}}}}',
    '{"errors":[{"message":"failed %s"}]}',
    '{"data":{"detail":"failed %s"}}',
    '{"json":{"error":{"title":"failed %s"}}}',
]


@pytest.mark.parametrize("rest", [False, True], ids=["trpc", "rest"])
@pytest.mark.parametrize("text", ERRORS)
def test_an_error_in_whatever_form_carries_no_text_of_a_command(text: str, rest: bool) -> None:
    body = (text % SECRET).encode()
    if body.startswith(b'"') and not rest:
        pytest.skip("no answer of tRPC: it is refused, as another test says")
    new = mask_answer(body, ["x.one"], rest=rest, failed=True).body.decode()
    assert SECRET not in new
    assert new == text.replace("failed %s", MASK)


def test_what_is_wrong_with_the_input_is_said() -> None:
    error = {
        "message": "Input validation failed",
        "code": "BAD_REQUEST",
        "issues": [{"code": "too_small", "path": ["name"], "message": "Too small: >=1 characters"}],
    }
    text = json.dumps(error)
    new = mask_answer(text.encode(), ["x.one"], rest=True, failed=True).body.decode()
    assert new == text


HARD = ["-" * 200_000, "a." * 100_000, "x://" + "a:" * 100_000, "?" * 200_000, "password=" * 30_000,
        "-----BEGIN " * 20_000, '\\"' * 100_000, "token: |\n" * 20_000, "a:" * 100_000,
        "a" * 200_000, "a%20" * 50_000, "%" * 200_000, "Zm9v" * 50_000, "6a6b" * 50_000,
        "password\t" * 20_000, "name: token " * 20_000, "config " * 30_000, "echo " * 40_000,
        'password="""' * 20_000, "mysql -p " * 20_000, "-----END " * 20_000, "a\n" * 100_000,
        "--password " * 20_000, "login " * 30_000, "<" * 200_000]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HARD)))
def test_no_text_holds_the_broker_up(number: int) -> None:
    """Each of these texts took minutes when a search was quadratic."""
    text = HARD[number] + " https://u:hunter2pw@h "
    assert SECRET not in mask_text(text)
