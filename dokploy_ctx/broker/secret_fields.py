"""Which fields of the server's answers hold secrets, and in which form.

Source: answers to every GET of a Dokploy v0.30.2 in which each secret column had a value of its
own, recorded in November 2026 (tests/broker/secrets.json). Names are compared without case,
underscores and hyphens: `api_key`, `apiKey` and `x-api-key` are one.
"""

from __future__ import annotations

import functools
import re

from .plain_fields import PLAIN_FIELDS

# Forms: how the string under such a name is masked.
WHOLE = "whole"  # the whole value
ENV = "env"  # lines NAME=value: the names stay
HOOK = "hook"  # a URL whose path or query is the secret: scheme and host stay

_ENV_FIELDS = (
    *("env", "buildArgs", "buildSecrets"),
    *("previewEnv", "previewBuildArgs", "previewBuildSecrets"),
)
_HOOK_FIELDS = ("webhook", "hookUrl", "webhookUrl", "endpoint")
_WHOLE_FIELDS = (
    *("accessKey", "accessKeyId", "secretAccessKey", "apiKey", "xApiKey", "licenseKey", "userKey"),
    *("privateKey", "githubPrivateKey", "sshPrivateKey", "encPrivateKey", "decryptionPvk"),
    *(
        "privateKeyPass",
        "encPrivateKeyPass",
        "passphrase",
        "authorization",
        "cookie",
        "fullContext",
    ),
    *("composeFile", "content", "script", "command", "secretKey", "signingKey", "encryptionKey"),
    *("stack", "totpSecret", "backupCodes", "passwordHash", "passcode", "pin", "otp", "salt"),
    *("auth", "basicAuth", "jwt", "dsn", "cookies", "setCookie", "connectionString", "privKey"),
    *("pfx", "p12", "keystore", "clientKeyData", "encryptedKey", "secretKeyBase", "hmacKey"),
)
# Names that end so are secrets, too (databasePassword, botToken, githubWebhookSecret), and so is
# every string in an object or list of such a name.
_ENDINGS = (
    *("password", "passwd", "pass", "pwd", "passphrase", "token", "secret", "credential"),
    *("privatekey", "apikey", "secretkey", "accesskey", "tokenvalue", "secretvalue"),
    *("passwords", "tokens", "secrets", "credentials"),
)
_NO_ENDINGS = ("bypass", "compass")
# Free text that people put secrets in.
_FREE_FIELDS = (
    "args",
    "cmd",
    "entrypoint",
    "test",
    "additionalFlags",
    "urlCallback",
    "topic",
    "opt",
    "additionalParams",
)

# Under these, every string is a secret, whatever its own name is (custom.headers of a
# notification; headers of a profile at an access proxy; what a sign-in sends besides).
ALL_BELOW = frozenset({"headers", "additionalparams"})
PLAIN_HEADERS = frozenset({"accept", "contenttype"})

# Titles, of commits mostly: "fix token: refresh" is no secret.
PROSE = frozenset({"title", "pullRequestTitle"})

# In a list of secrets these say which one it is.
ROW_NAMES = frozenset({"name", "key", "SecretID", "SecretName"})
ROW_VALUES = frozenset({"value", "default", "Value"})

# (procedure, field): secret in the answer of this procedure alone. The id of an invitation is the
# token of its link; user.createApiKey answers the new key; apiKeys[].key is a key's hash.
_OF_PROCEDURE = {
    "organization.allInvitations": frozenset({"id"}),
    "user.getInvitations": frozenset({"id"}),
    "user.getUserByToken": frozenset({"id"}),
    "user.createApiKey": frozenset({"key"}),
}
# Strings under `key` and `start` (its first letters) are secrets only in a list of this name.
KEY_LISTS = frozenset({"apikeys"})

# Answers that are one string and hold no secret. Every other such answer is masked whole: it may be
# a compose file, a file of a repository, a certificate's key.
PLAIN_ANSWERS = frozenset(
    {
        "domain.canGenerateTraefikMeDomains",
        "gitea.getGiteaUrl",
        "server.getServerTime",
        "server.publicIp",
        "settings.getDokployVersion",
        "settings.getIp",
        "settings.getReleaseTag",
    }
)
# Says which inputs there are, "password" among them, and holds no data.
DESCRIPTIONS = frozenset({"settings.getOpenApiDocument"})
# Logs are free text: what looks like a secret is masked, more cannot be promised.
_LOGS = re.compile(r"[A-Za-z]+\.(?:readLogs|getLogs)\Z")

_WORDS = re.compile(r"[^A-Za-z0-9]")


@functools.lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return `name` as names are compared: lower case, without what joins words."""
    return _WORDS.sub("", name).lower()


_FORMS = {normal(n): WHOLE for n in (*_WHOLE_FIELDS, *_FREE_FIELDS)}
_FORMS.update({normal(n): ENV for n in _ENV_FIELDS})
_FORMS.update({normal(n): HOOK for n in _HOOK_FIELDS})


@functools.lru_cache(maxsize=4096)
def form_of(name: str) -> str:
    """Return the form of the secret in the string field `name`, "" where it holds none."""
    plain = normal(name)
    found = _FORMS.get(plain, "")
    if found:
        return found
    if plain.endswith(_ENDINGS) and not plain.endswith(_NO_ENDINGS):
        return WHOLE
    if plain.endswith("webhookurl"):
        return HOOK
    if plain.endswith(("basicauthusers", "digestauthusers")):  # a label of Traefik's
        return WHOLE
    return ""


@functools.lru_cache(maxsize=4096)
def is_secret_below(name: str) -> bool:
    """Return whether every string in an object of this name is a secret.

    Not so for the names that are secrets by our list alone: `content` and `command` may be objects
    of other things.
    """
    plain = normal(name)
    if plain in ALL_BELOW or _FORMS.get(plain) == ENV:
        return True
    return plain.endswith(_ENDINGS) and not plain.endswith(_NO_ENDINGS)


@functools.lru_cache(maxsize=4096)
def is_plain(name: str) -> bool:
    """Return whether a string field `name` is known to hold none; docker writes Name for name."""
    if name in PLAIN_FIELDS or name[:1].lower() + name[1:] in PLAIN_FIELDS:
        return True
    return name.endswith(("Id", "Ids", "ID", "PublicKey"))


def of_procedure(procedure: str) -> frozenset[str]:
    """Return the names that are secrets in the answer of `procedure` alone."""
    return _OF_PROCEDURE.get(procedure, frozenset())


def is_plain_answer(procedure: str) -> bool:
    """Return whether an answer of `procedure` that is one string holds no secret."""
    return procedure in PLAIN_ANSWERS


def is_description(procedure: str) -> bool:
    """Return whether an answer of `procedure` describes the server's inputs and holds no data."""
    return procedure in DESCRIPTIONS


def is_log(procedure: str) -> bool:
    """Return whether `procedure` answers log text, which is masked by form alone."""
    return bool(_LOGS.match(procedure))
