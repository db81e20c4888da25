"""Which fields of the server's answers hold secrets, and in which form.

The names are from the answers to every GET of a Dokploy v0.30.2 in which each secret column had a
value of its own, recorded in November 2026 (tests/broker/secrets.json). Names are compared without
case, underscores and hyphens, so `api_key` and `apiKey` are equal.
"""

from __future__ import annotations

import functools
import re

from .plain_fields import PLAIN_FIELDS

# The forms of secrets, which tell how a string is masked.
WHOLE = "whole"  # the whole value
ENV = "env"  # lines NAME=value: the names stay
HOOK = "hook"  # a URL with a secret path or query: scheme and host stay

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
# Fields whose names end so are secrets (databasePassword, githubWebhookSecret), and so is every
# string in an object or list with such a name.
_ENDINGS = (
    *("password", "passwd", "pass", "pwd", "passphrase", "token", "secret", "credential"),
    *("privatekey", "apikey", "secretkey", "accesskey", "tokenvalue", "secretvalue"),
    *("passwords", "tokens", "secrets", "credentials"),
)
_NO_ENDINGS = ("bypass", "compass")
# Fields with free text, in which people write secrets.
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

# Below these names every string is a secret, whatever its own name: the headers of a notification
# or for an access proxy, and additional parameters of a sign-in.
ALL_BELOW = frozenset({"headers", "additionalparams"})
PLAIN_HEADERS = frozenset({"accept", "contenttype"})

# Fields with titles, mostly of commits, in which "token: refresh" is not a secret.
PROSE = frozenset({"title", "pullRequestTitle"})

# In a list of secrets, these fields have the name of each.
ROW_NAMES = frozenset({"name", "key", "SecretID", "SecretName"})
ROW_VALUES = frozenset({"value", "default", "Value"})

# procedure → fields that are secret in its answer alone. The id of an invitation is the token of
# its link, and user.createApiKey returns the new key.
_OF_PROCEDURE = {
    "organization.allInvitations": frozenset({"id"}),
    "user.getInvitations": frozenset({"id"}),
    "user.getUserByToken": frozenset({"id"}),
    "user.createApiKey": frozenset({"key"}),
}
# In lists with this name, the fields `key` (its hash) and `start` (its first letters) are secrets.
KEY_LISTS = frozenset({"apikeys"})

# Procedures that return a single string without secrets. Any other single string is masked
# completely, since it may be a compose file, a file of a repository or the key of a certificate.
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
# Procedures that describe inputs, such as "password", and return no data.
DESCRIPTIONS = frozenset({"settings.getOpenApiDocument"})
# Procedures that return logs. In this free text only what looks like a secret can be masked.
_LOGS = re.compile(r"[A-Za-z]+\.(?:readLogs|getLogs)\Z")

_WORDS = re.compile(r"[^A-Za-z0-9]")


@functools.lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return `name` in the form in which names are compared: lower case, letters and digits."""
    return _WORDS.sub("", name).lower()


_FORMS = {normal(n): WHOLE for n in (*_WHOLE_FIELDS, *_FREE_FIELDS)}
_FORMS.update({normal(n): ENV for n in _ENV_FIELDS})
_FORMS.update({normal(n): HOOK for n in _HOOK_FIELDS})


@functools.lru_cache(maxsize=4096)
def form_of(name: str) -> str:
    """Return the form of the secret in the string field `name`, "" if it is not secret."""
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

    This does not include names that are secrets by our list alone, since `content` and `command`
    may also be objects with other things.
    """
    plain = normal(name)
    if plain in ALL_BELOW or _FORMS.get(plain) == ENV:
        return True
    return plain.endswith(_ENDINGS) and not plain.endswith(_NO_ENDINGS)


@functools.lru_cache(maxsize=4096)
def is_plain(name: str) -> bool:
    """Return whether the field `name` is known to have no secrets (docker writes Name for name)."""
    if name in PLAIN_FIELDS or name[:1].lower() + name[1:] in PLAIN_FIELDS:
        return True
    return name.endswith(("Id", "Ids", "ID", "PublicKey"))


def of_procedure(procedure: str) -> frozenset[str]:
    """Return the fields that are secrets in the answer of `procedure` alone."""
    return _OF_PROCEDURE.get(procedure, frozenset())


def is_plain_answer(procedure: str) -> bool:
    """Return whether a single string that `procedure` returns contains no secret."""
    return procedure in PLAIN_ANSWERS


def is_description(procedure: str) -> bool:
    """Return whether `procedure` describes the server's inputs and returns no data."""
    return procedure in DESCRIPTIONS


def is_log(procedure: str) -> bool:
    """Return whether `procedure` returns a log, which is masked by form alone."""
    return bool(_LOGS.match(procedure))
