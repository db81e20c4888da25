"""The names of secrets in free text, as parts of the patterns in free_text.py.

Pure. Examples: DB_PASSWORD, "Secret access key", dbPassword, SECRET_KEY_BASE, API_TOKEN_2.
"""

from __future__ import annotations

# Words that name a secret. The short ones count only as separate words.
LONG = (
    r"(?:pass[ _-]?(?:word|phrase)|passwd|passwort|kennwort|sshpass|secret|token|credential|"
    r"(?:api|access|account|shared|private|signing|encryption|secret|master|license|app|auth|user)"
    r"(?:[ _-]?access)?[ _-]?key(?:[_-]?id)?|"
    r"key[_-]?data|connection[_-]?string)s?"
)
_SHORT = r"(?:pass|pwd|pw|auth|dsn|jwt|creds?|salt)"
# What may follow such a word in a name: DB_PASSWORD_PROD, but not TOKEN_TTL or SECRET_NAME.
_MORE = (
    r"(?:[_-]?\d{1,3}|(?![_-]?(?:[A-Za-z0-9]{1,16}[_-]){0,2}"
    r"(?:expir|ttl|len|min|max|ur[il]|endpoint|files?\b|path|name|ids?\b|type|count|age|limit|enable|"
    r"disable|policy|version|header|issuer|alg|at\b|host|user|login|reset|manager|used|usage))"
    r"(?:[_-][A-Za-z0-9]{1,32}){1,3})?"
)
_NUMBER = r"(?:[_-]?\d{1,3})?"
# The end of such a name. This is enough to find one, and fast, since it begins with a letter.
WORD = (
    rf"(?:{LONG}{_MORE}"
    rf"|(?:(?<![A-Za-z0-9])|(?<=db)|(?<=user)|(?<=root)|(?<=admin)){_SHORT}{_NUMBER})"
)
# The whole name, for patterns in which something must come before it.
NAME = (
    rf"(?:[A-Za-z0-9_.-]{{0,64}}{LONG}{_MORE}"
    rf"|(?:[A-Za-z0-9_.-]{{0,64}}[_.-]|db|user|root|admin)?{_SHORT}{_NUMBER})"
)
# A text in lower case without any of these contains no such name.
HINTS = (
    *("pass", "kennwort", "secret", "token", "credential", "key", "pwd", "pw", "auth", "dsn"),
    *("jwt", "cred", "salt", "connection"),
)
# A quote, as it is written in text, in JSON inside a string, in HTML and in a URL.
QUOTE = r"(?:\\{0,7}(?:[\"'`]|&(?:amp;){0,2}(?:quot|\#0?3[49]|\#x2[27]);)|%22|%27)"
# A blank within a line, and marks for bold or coloured text.
BLANK = r"(?:[ \t\u00a0\u2000-\u200b\u3000]|%20)"
DECORATION = r"(?:\*{1,2}|</?(?:b|strong|code)>|\x1b\[[\d;]{0,16}m)"
