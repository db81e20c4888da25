"""Secrets as people and programs write them in free text: descriptions, titles, logs.

Each of TEXTS holds one secret. No marker of a real server's answers is among them: those are in
test_masking.py. What is ordinary stays as it is.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.broker.free_text import mask_text
from dokploy_ctx.broker.masking import mask_answer

from .test_free_text import SECRET, answered


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


TEXTS = {
    "k8s env": f"env:\n- name: DB_PASSWORD\n  value: {SECRET}\n",
    "k8s env json": json.dumps([{"name":"DB_PASSWORD","value": SECRET}]),
    "yaml next line": f"password:\n  {SECRET}\n",
    "yaml next line quoted": f"password:\n  '{SECRET}'\n",
    "yaml list": f"passwords:\n  - {SECRET}\n  - {SECRET}\n",
    "yaml anchor": f"password: &pw {SECRET}",
    "yaml tag": f"password: !!str {SECRET}",
    "yaml flow": f"{{user: a, password: {SECRET}}}",
    "yaml flow tight": f"{{user: a,password: {SECRET},x: y}}",
    "compose env map": f"environment:\n  POSTGRES_PASSWORD: {SECRET}\n",
    "compose env list": f"environment:\n  - POSTGRES_PASSWORD={SECRET}\n",
    "toml multi": f'password = """\n{SECRET}\n"""',
    "php define": f"define('DB_PASSWORD', '{SECRET}');",
    "php define dq": f'define( "DB_PASSWORD", "{SECRET}" );',
    "js obj": f"{{ password: '{SECRET}' }}",
    "js const": f"const password = '{SECRET}';",
    "go": f'password := "{SECRET}"',
    "ruby hash": f":password => '{SECRET}'",
    "ruby hash2": f"password: '{SECRET}'",
    "python kw": f"connect(user='a', password='{SECRET}')",
    "python dict": f"{{'password': '{SECRET}'}}",
    "lisp/env call": f'setenv("PGPASSWORD", "{SECRET}")',
    "putenv": f"putenv('DB_PASSWORD={SECRET}')",
    "dockerfile ENV": f"ENV DB_PASSWORD {SECRET}",
    "dockerfile ARG": f"ARG NPM_TOKEN={SECRET}",
    "build-arg": f"docker build --build-arg TOKEN={SECRET} .",
    "-e": f"docker run -e PASSWORD={SECRET} x",
    "--env": f"docker run --env 'DB_PASS={SECRET}' x",
    "export": f"export PGPASSWORD={SECRET}",
    "export q": f'export PGPASSWORD="{SECRET}"',
    "set fish": f"set -x DB_PASSWORD {SECRET}",
    "set win": f"set DB_PASSWORD={SECRET}",
    "mysql_pwd": f"MYSQL_PWD={SECRET} mysql",
    "curl H": f'curl -H "X-Api-Key: {SECRET}" h',
    "curl H2": f"curl -H 'Authorization: token {SECRET}' h",
    "curl H3": f"curl -H 'Authorization: Bearer {SECRET}xx' h",
    "curl H4": f"curl -H 'PRIVATE-TOKEN: {SECRET}' h",
    "curl H5": f"curl -H 'X-Auth: {SECRET}' h",
    "curl d": f"curl -d 'username=a&password={SECRET}' h",
    "curl json": f"""curl -d '{{"password":"{SECRET}"}}' h""",
    "wget": f"wget --http-password={SECRET} h",
    "wget blank": f"wget --http-password {SECRET} h",
    "psql dsn": f"psql 'host=h user=u password={SECRET} dbname=x'",
    "openssl pass": f"openssl enc -pass pass:{SECRET}",
    "openssl passin": f"openssl rsa -passin pass:{SECRET}",
    "openssl k": f"openssl enc -aes256 -k {SECRET}",
    "htpasswd": f"htpasswd -b file user {SECRET}",
    "echo stdin": f"echo {SECRET} | docker login --password-stdin",
    "chpasswd": f"echo 'root:{SECRET}' | chpasswd",
    "mongo": f"mongosh -u a -p {SECRET} h",
    "mongodump": f"mongodump --username=a --password={SECRET}",
    "pg_dump uri": f"pg_dump postgres://u:{SECRET}@h/db",
    "redis uri": f"redis://:{SECRET}@h:6379/0",
    "rediss uri": f"rediss://default:{SECRET}@h",
    "amqp": f"amqp://u:{SECRET}@h//",
    "smtp": f"smtp://u:{SECRET}%40x@h:587",
    "ipv6": f"https://u:{SECRET}@[::1]:80/",
    "sqlalchemy": f"postgresql+psycopg2://u:{SECRET}@h/db",
    "urlencoded url": quote(f"postgres://u:{SECRET}@h/db",safe=""),
    "urlencoded url q": f"https://h/x?dsn={quote(f'postgres://u:{SECRET}@h/db',safe='')}",
    "odbc": f"Driver={{x}};Server=h;PWD={{{SECRET}}};",
    "ado blank": f"User ID=u; Password = {SECRET}; x=1",
    "html json": html.escape(json.dumps({"password": SECRET})),
    "xml attr": f'<add key="DbPassword" value="{SECRET}" />',
    "xml attr2": f'<db user="u" password="{SECRET}"/>',
    "xml cdata": f"<password><![CDATA[{SECRET}]]></password>",
    "maven": f"<server><id>x</id><password>{SECRET}</password></server>",
    "plist": f"<key>password</key><string>{SECRET}</string>",
    "gradle": f"signing.password={SECRET}",
    "properties": f"spring.datasource.password={SECRET}",
    "properties colon": f"spring.datasource.password: {SECRET}",
    "terraform": f'variable "password" {{ default = "{SECRET}" }}',
    "tf": f'password = "{SECRET}"',
    "hcl heredoc": f"password = <<EOT\n{SECRET}\nEOT",
    "sh heredoc": f"cat <<EOF > .env\nDB_PASSWORD={SECRET}\nEOF",
    "nginx": f'proxy_set_header Authorization "Basic {b64("u:"+ SECRET)}";',
    "basic b64": f"Authorization: Basic {b64('u:'+ SECRET)}",
    "traefik users": "basicAuth:\n  users:\n    - 'u:$apr1$abcdefgh$0123456789abcdefghijkl'",
    "gh token": f"git clone https://x-access-token:{SECRET}@github.com/a",
    "telegram": f"https://api.telegram.org/bot123456789:AA{SECRET * 5}/sendMessage",
    "gotify": f"https://g.example/message?token={SECRET}",
    "sas": f"https://x.blob.core.windows.net/c?sv=1&sig={SECRET}%3D",
    "s3 presign": f"https://b.s3.amazonaws.com/k?X-Amz-Signature={SECRET}&X-Amz-Credential=AKIA/x",
    "query pw": f"https://h/?pw={SECRET}",
    "query pass": f"https://h/?pass={SECRET}",
    "query passwd": f"https://h/?passwd={SECRET}",
    "query apikey": f"https://h/?apikey={SECRET}",
    "query access_token": f"https://h/?access_token={SECRET}",
    "query user_key": f"https://h/?user_key={SECRET}",
    "query secret": f"https://h/?client_secret={SECRET}",
    "amp html": f"https://h/?a=1&amp;token={SECRET}",
    "webhook path": f"https://h.example/webhook/{SECRET}",
    "zapier": f"https://hooks.zapier.com/hooks/catch/1/{SECRET}/",
    "n8n": f"https://n8n.example/webhook/{SECRET}",
    "ifttt": f"https://maker.ifttt.com/trigger/x/with/key/{SECRET}",
    "discord": f"https://discord.com/api/webhooks/1/{SECRET}",
    "discord canary": f"https://canary.discord.com/api/webhooks/1/{SECRET}",
    "discord v10": f"https://discord.com/api/v10/webhooks/1/{SECRET}",
    "slack wf": f"https://hooks.slack.com/workflows/T/A/1/{SECRET}",
    "logic app": f"https://prod-1.westus.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig={SECRET}",
    "sentry dsn": f"https://{SECRET}0123456789abcdef@o1.ingest.sentry.io/1",
    "passphrase": f"passphrase: {SECRET}",
    "pin": f"The password is {SECRET}",
    "pw colon": f"pw: {SECRET}",
    "pw eq": f"PW={SECRET}",
    "DB_PW": f"DB_PW={SECRET}",
    "PASSWD": f"ROOT_PASSWD={SECRET}",
    "PASSWORT": f"Passwort: {SECRET}",
    "pass phrase": f"pass phrase = {SECRET}",
    "password with star": f"password*={SECRET}",
    "api key words": f"API key: {SECRET}",
    "api key words2": f"Api-Key : {SECRET}",
    "secret key": f"Secret key: {SECRET}",
    "secret access key": f"Secret Access Key: {SECRET}",
    "client secret": f"client secret: {SECRET}",
    "access key": f"access_key: {SECRET}",
    "AWS": f"aws_secret_access_key = {SECRET}",
    "encryption": f"ENCRYPTION_KEY={SECRET}",
    "app_key": f"APP_KEY=base64:{SECRET}",
    "secret_key_base": f"SECRET_KEY_BASE={SECRET}",
    "salt": f"AUTH_SALT={SECRET}",
    "hash": f"PASSWORD_HASH={SECRET}",
    "django": f"DJANGO_SECRET={SECRET}",
    "license": f"LICENSE_KEY={SECRET}",
    "master key": f"MASTER_KEY={SECRET}",
    "rails": f"RAILS_MASTER_KEY={SECRET}",
    "webhook env": f"SLACK_WEBHOOK_URL=https://hooks.slack.com/services/{SECRET}",
    "webhook secret": f"WEBHOOK_SECRET={SECRET}",
    "database_url": f"DATABASE_URL=postgres://u:{SECRET}@h/db",
    "sftp": f"sftp://u:{SECRET}@h",
    "lftp": f"lftp -u user,{SECRET} h",
    "smbclient": f"smbclient -U user%{SECRET} //h/s",
    "mount cifs": f"mount -o username=u,password={SECRET} //h/s /m",
    "rclone": f"rclone config create x s3 secret_access_key {SECRET}",
    "restic": f"RESTIC_PASSWORD={SECRET}",
    "ansible": f"ansible_become_pass={SECRET}",
    "ldap": f"ldapsearch -w {SECRET}",
    "ssh pass file": f"sshpass -p'{SECRET}' ssh h",
    "sshpass e": f"SSHPASS={SECRET} sshpass -e",
    "mysql long": f"mysql -uroot --password={SECRET} db",
    "mysql -p": f"mysql -u root -p{SECRET} db",
    "mysqldump": f"mysqldump -p'{SECRET}' db",
    "zip": f"zip -P {SECRET} a.zip",
    "7z": f"7z a -p{SECRET} a.7z",
    "gpg": f"gpg --passphrase {SECRET} -c",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIycHcifQ.c2lnbmF0dXJlaHVudGVyMnB3",
    "ssh key": f"-----BEGIN DSA PRIVATE KEY-----\\n{SECRET}\\n-----END DSA PRIVATE KEY-----",
    "pem one line": f"-----BEGIN RSA PRIVATE KEY----- {SECRET} -----END RSA PRIVATE KEY-----",
    "pem crlf": f"-----BEGIN EC PRIVATE KEY-----\r\n{SECRET}\r\n-----END EC PRIVATE KEY-----\r\n",
    "pem cut": f"KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    "enc json 3": json.dumps(json.dumps(json.dumps({"password": SECRET}))),
    "enc json 5": json.dumps(json.dumps(json.dumps(json.dumps(json.dumps({"password": SECRET}))))),
    "enc json in text": "config=" + json.dumps(json.dumps({"password": SECRET})),
    "url enc assign": f"password%3D{SECRET}",
    "url enc json": quote(json.dumps({"password": SECRET})),
    "b64 env": b64(f"DB_PASSWORD={SECRET}\nA=1"),
    "b64 json": b64(json.dumps({"password": SECRET})),
    "b64 url": b64(f"postgres://u:{SECRET}@h/db"),
    "data uri": "data:text/plain;base64,"+b64(f"password={SECRET}"),
    "docker auth cfg": json.dumps({"auths":{"h":{"auth":b64("u:"+ SECRET)}}}),
    "hex env": (f"DB_PASSWORD={SECRET}").encode().hex(),
    "fullwidth": f"password\uff1a{SECRET}",
    "nbsp": f"password:\u00a0{SECRET}",
    "bold": f"**Password:** {SECRET}",
    "md code": f"Password: `{SECRET}`",
    "md table": f"| Password | {SECRET} |",
    "ansi": f"password: \x1b[31m{SECRET}\x1b[0m",
    "ansi name": f"\x1b[1mpassword\x1b[0m: {SECRET}",
    "tab": f"password\t{SECRET}",
    "many blanks": f"password:{' '*30}{SECRET}",
    "uppercase": f"PASSWORD: {SECRET}",
    "camel": f"dbPassword={SECRET}",
    "suffix": f"DB_PASSWORD_PROD={SECRET}",
    "suffix2": f"DB_PASSWORD_FILE_CONTENT={SECRET}",
    "prefix tok": f"TOKEN_GITHUB={SECRET}",
    "secret1": f"SECRET1={SECRET}", "password2": f"password2: {SECRET}",
    "user/pass": f"user/pass: admin/{SECRET}",
    "creds": f"creds: {SECRET}", "cred": f"DB_CRED={SECRET}",
}  # fmt: skip


def shows(text: str) -> bool:
    """Return whether the secret is in `text`, as it is or coded."""
    return any(form in text for form in (SECRET, b64(SECRET)[:8], SECRET.encode().hex()))


@pytest.mark.parametrize("name", TEXTS)
def test_what_people_write_down_does_not_arrive(name: str) -> None:
    for value in ({"description": TEXTS[name]}, {"x": {"brandNew": TEXTS[name]}}):
        new = json.dumps(answered(value)["json"], ensure_ascii=False)
        assert not shows(new)
        assert MASK in new


PLAIN = [
    '2026-11-26T14:24:47Z INFO tokens used: 512, cached 12',
    'Step 4/9 : RUN npm ci --no-audit && npm run build',
    'Using key exchange curve25519-sha256',
    'TOKEN_TTL=3600 SECRET_NAME=db PASSWORD_MIN_LENGTH=8 TOKEN_URL=https://id.example/token',
    'passed 12 tests, 3 failed in 4.2s; keyboard: ok; keys: 12',
    '[auth] user 42 logged in from 10.0.0.1',
    'Host key verification failed.',
    'the password was changed by admin yesterday',
    'password is required',
    'Error: token is invalid or expired',
    'Invalid API key provided',
    'SELECT * FROM accounts WHERE key = 42',
    'primary key (id), foreign key (user_id)',
    'key: value',
    'monkey: 5',
    'git@github.com:acme/app.git abcdef1',
    'GET /webhooks/list 200',
    'https://docs.example.com/webhooks/intro',
    'GET /api/auth/session 200 12ms',
    'cache key: user:42:profile',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfC4E1VnNq2rZ9m8T5Xy7kQpL2mN4vB me@host',
    'Image sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 pulled',
    'commit 3f786850e387550fdab836ed7e6dc881de23001b',
    'accessLog: stdout',
    'deploy --token-file /run/secrets/x',
    'docker run -p 8080:80 -e NODE_ENV=production nginx',
    'echo hello | grep h',
    'mysql -h db -u app',
    'set -e',
    'ENV NODE_ENV production',
    'ENV PATH /usr/local/bin:$PATH',
    'config loaded from /etc/app/config.yml',
    'connection: keep-alive',
    'Connection string is missing',
    'dsn lookup took 3ms',
    '%20%2Fapi%2Fv1%2Fusers',
    'https://h/?q=a%20b%3Dc&x=%2Fpath%2Fto',
    '/usr/local/lib/node_modules/npm/node_modules/semver/functions',
    'ApplicationContextInitializedPublisherListenerBean',
    'bearer of bad news',
    'name: token-service',
    'secretName: tls-cert',
    'id: secret-rotation',
    'variable "region" { default = "eu" }',
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_ordinary_arrives(text: str) -> None:
    assert mask_text(text) == text


# How a text may be packed into another one.
PACKED = st.sampled_from(
    [json.dumps, lambda text: f"a: b\n{text}\n", quote, b64, html.escape,
     lambda text: json.dumps({"config": text}), lambda text: f"> {text} <",
     lambda text: text.encode().hex(), lambda text: text.replace("\n", "\r\n")]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["password={}", "postgres://u:{}@h/db", '{{"password":"{}"}}', "TOKEN: {}",
                     "export DB_PASS='{}'", "https://h/?token={}", "Authorization: Bearer {}xx"]),
    st.lists(PACKED, max_size=3),
    st.booleans(),
)  # fmt: skip
def test_a_secret_does_not_arrive_however_it_is_packed(
    text: str, packs: list[Callable[[str], str]], escaped: bool
) -> None:
    text = text.format(SECRET)
    for pack in packs:
        text = pack(text)
    written = json.dumps(text)
    if escaped:  # a server may write each letter as its escape
        written = '"' + "".join(f"\\u{ord(letter):04X}" for letter in text) + '"'
    body = f'{{"result":{{"data":{{"json":{{"description":{written}}}}}}}}}'
    new = mask_answer(body.encode(), ["x.one"], rest=False, failed=False).body.decode()
    assert MASK in new
    assert not shows(json.dumps(json.loads(new)))
