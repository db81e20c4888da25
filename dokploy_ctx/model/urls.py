"""Which URLs a panel may have, how they are saved, and how any URL is shown. Pure.

A URL is read by three programs: dctx, the official CLI (Node, which follows the WHATWG rules), and
curl or whatever a script uses. A URL that these would read differently is refused:

- a backslash, which Node takes for a slash, so that it sends the key to another host;
- a percent sign in a host, which Node decodes;
- letters outside ASCII, which look alike, and which programs convert to ASCII by different rules;
- "." and ".." in a path, which only some programs resolve;
- an IPv4 address in another notation than four decimal numbers.
"""

from __future__ import annotations

import re

from ..errors import UsageError
from ..text.foreign import clean
from ..text.masking import looks_like_key

LONGEST = 300  # characters
_LONGEST_HOST = 253

# The form of most URLs, which are accepted at once, so that many profiles are listed fast.
_USUAL = re.compile(r"https?://(?!-)(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*(?::[1-9]\d{0,3})?\Z")
_SCHEME_AND_HOST = r"(?ia)https?://[^/?#\\]*"
_SMALL = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
# The URL of a page of the panel, as a browser shows it. The panel may be below a path.
_OWN_PAGE = (
    r"(?is)(https?://[^/?#]+(?:/[^/?#]+)*?)"
    r"/(?:dashboard|login|register|invitation|reset-password|send-reset-password|swagger)"
    r"(?:[/?#].*)?\Z"
)
_HOST = r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?\Z"
# Node takes such a host for an address in any notation: 010.0.0.1 means 8.0.0.1.
_NUMBER_LAST = r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?\Z"
_NUMBER = r"(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])"
_ADDRESS = rf"{_NUMBER}(?:\.{_NUMBER}){{3}}\Z"
_PARTS = r"https?://(?P<host>\[[^\[\]/]*\]|[^/:\[\]]*)(?P<port>:[^/]*)?(?P<path>/.*)?\Z"
# What counts as a host if a person leaves out https://: a name with a dot, or localhost.
_HOST_ALONE = r"(?i)(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d{1,5})?(?:/[^@\s]*)?\Z"
# A slash, backslash, dot or control character in disguise.
_DISGUISED = r"(?i)%(?:2f|5c|2e|[01][0-9a-f]|7f)"
_LOOPBACK = r"(?i)(localhost|127(\.\d{1,3}){3}|::1|.*\.localhost)\Z"


def plain(url: str) -> str:
    """Return `url` with scheme and host in lower case and without slashes at the end."""
    if not url.islower():  # ASCII letters alone: the lower case of some others is ASCII
        url = re.sub(_SCHEME_AND_HOST, lambda match: match[0].translate(_SMALL), url, count=1)
    return url.rstrip("/")


def normalize(url: str) -> str:
    """Return a typed `url` as it is saved: as plain() spells it, without a page of the panel.

    Raises UsageError (exit 2) like checked(). The official CLI appends "/api" itself, and a double
    slash would cause a redirect (docs/dokploy-api.md, "Addresses and redirects").
    """
    return checked(re.sub(_OWN_PAGE, r"\1", url.strip()))


def with_scheme(text: str) -> str:
    """Return `text` with https:// before it if it is a host alone, as people often paste it.

    A host on this machine gets http://, since a panel there has no certificate.
    """
    if not re.match(_HOST_ALONE, text.strip()):
        return text
    host = text.strip().partition("/")[0].rpartition(":")[0] or text.strip().partition("/")[0]
    return f"{'http' if re.match(_LOOPBACK, host.strip('[]')) else 'https'}://{text.strip()}"


def checked(url: str) -> str:
    """Return `url` as plain() spells it. Raises UsageError (exit 2) if no panel can have it.

    The error quotes the text only if it looks like a URL, since it may be a key that was pasted
    into the wrong place.
    """
    text = plain(url.strip())
    if _USUAL.match(text) and len(text) < _LONGEST_HOST:
        return text
    wrong = _what_is_wrong(text)
    if wrong:
        raise UsageError(wrong)
    return text


def _what_is_wrong(text: str) -> str:
    """Return why `text`, spelled as plain() does, cannot be a panel's URL, or ""."""
    if (
        "@" in re.split(r"[/?#\\]", text.split("://", 1)[-1], maxsplit=1)[0]
    ):  # first, since no message may quote it
        return "the URL contains a user or password. Leave out what is before the @."
    what = f'"{text}"' if _may_be_shown(text) else "that"
    if text and "://" not in text:
        return f"{what} is not a URL. Include https:// (or http://)."
    if len(text) > LONGEST:
        return f"the URL is longer than {LONGEST} characters. Use https://HOST."
    if re.search(r"[\x00-\x20\x7f-\xa0]", text) or text != clean(text):
        return "the URL contains blanks or control characters. Use https://HOST."
    if not text.isascii():
        return "the URL contains letters outside ASCII. Write the host as xn--..., as browsers do."
    if "\\" in text:
        return "the URL contains a backslash, which other programs read as a slash. Use / only."
    if "?" in text or "#" in text:
        return "the URL contains a query or fragment. Leave out what follows the ? or #."
    parts = re.match(_PARTS, text)
    if not parts or not parts["host"]:
        return f"{what} is not a URL of a panel. Use https://HOST."
    return _host(parts["host"], parts["port"] or "") or _path(parts["path"] or "")


def _may_be_shown(text: str) -> bool:
    """Return whether a message may quote `text`: it is not a key, and short or like a URL."""
    if not (text.isascii() and text.isprintable()) or len(text) > LONGEST or looks_like_key(text):
        return False
    return len(text) <= 24 or bool(re.search(r"[./:]", text))


def _host(host: str, port: str) -> str:
    if port and not (re.match(r":\d{1,5}\Z", port) and 0 < int(port[1:]) < 65536):
        return "the URL's port is not a number from 1 to 65535. Use https://HOST:PORT."
    if host.startswith("["):
        from ipaddress import AddressValueError, IPv6Address

        try:
            IPv6Address("" if "%" in host else host[1:-1])
        except AddressValueError:
            return "the URL's host is not an IPv6 address. Use https://[ADDRESS]."
        return ""
    if len(host) > _LONGEST_HOST or ".." in host or not re.match(_HOST, host):
        return "the URL's host contains characters that a host cannot have. Use https://HOST."
    if re.match(_NUMBER_LAST, host) and not re.match(_ADDRESS, host):
        return "the URL's host is a number but not an IPv4 address. Use https://HOST."
    return ""


def _path(path: str) -> str:
    if re.search(_DISGUISED, path) or any(part in (".", "..") for part in path.split("/")):
        return "the URL's path contains . or .. or an escaped / or \\. Use https://HOST/PATH."
    return ""


def is_plain_http(url: str) -> bool:
    """Return whether a key would be sent to `url` unencrypted over a network."""
    parts = re.match(_PARTS, plain(url))
    if not parts or not url.lower().startswith("http:"):
        return False
    return not re.match(_LOOPBACK, parts["host"].strip("[]"))


def host_of(url: str) -> str:
    """Return host and port of `url` without a user name, such as "panel.example.com:3000"."""
    rest = url.split("://", 1)[-1]
    return re.split(r"[/?#\\]", rest, maxsplit=1)[0].rsplit("@", 1)[-1]


def shown(url: str) -> str:
    """Return any URL, also an invalid one, safe for a terminal or a log.

    User, password, query and fragment become "...", and a long URL is cut.
    """
    text = "".join(filter(str.isprintable, clean(url)))
    if not any(char in text for char in "@?#"):
        return _short(text)
    start, slashes, rest = text.partition("://")
    if not slashes:
        start, rest = "", text
    host, *more = re.split(r"(?=[/?#\\])", rest, maxsplit=1)
    if "@" in host:
        host = f"...@{host.rsplit('@', 1)[-1]}"
    path = re.sub(r"([?#]).*", r"\1...", "".join(more), count=1, flags=re.DOTALL)
    return _short(f"{start}{slashes}{host}{path}")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
