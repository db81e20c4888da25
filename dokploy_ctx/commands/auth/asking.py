"""Ask for URL, name and key for `dctx auth`, again if the answer is invalid."""

from __future__ import annotations

import sys

from ...errors import UsageError
from ...model import pasted, urls
from ...model.headers import same_origin
from ...model.profile import Profile, check_new_name
from ...text.messages import KEYS_PAGE
from ..shared import ask, context

# How many keys a person may type. After three refusals it is not a slip.
TIMES = 3
# More than any key: it has 64 letters, and a prefix of 32 at most.
_MOST = 512
_BLANK = "an API key contains no blanks, and this text does. Copy the key again from the panel."
_NOT_A_KEY = "this is not an API key. Copy the key again from the panel."
NO_KEY = "an API key is required. Run it with: -t - (the key on stdin)"
# In CI, a secret that does not exist is an empty text.
_EMPTY = (
    "the API key on stdin is empty. Check that the secret exists and is passed to this job, "
    "or that the command before the pipe prints the key."
)


def in_order(
    name: str | None, second: str | None, flag: str | None, url: str | None
) -> tuple[str | None, str | None]:
    """Return the argument that is a name and the URL, wherever a person typed each.

    `dctx auth NAME URL`, `dctx auth URL NAME` and `dctx auth URL -u NAME` say what is meant as
    plainly as `dctx auth NAME -u URL`. Raises UsageError (exit 2) for two names, without repeating
    them: the second may be a key.
    """
    if second is not None:
        if name is None or url is not None or ("://" in name) == ("://" in second):
            raise UsageError("auth takes one name and one URL. See: dctx auth --help")
        name, url = (name, second) if "://" in second else (second, name)
    elif name is not None and "://" in name and url is not None and not _is_url(url):
        name, url = url, name
    if flag is not None and name is not None and "://" in name and url is None:
        name, url = None, name
    return name, url


def _is_url(text: str) -> bool:
    return "://" in text or urls.with_scheme(text) != text


def name_and_url(
    name: str | None, url: str | None, *, asks_name: bool
) -> tuple[str | None, str | None, bool]:
    """Return the name and the URL, and whether the name may be meant as the URL's host.

    A URL in the place of the name counts as the URL. If `asks_name`, that is, if the key has to be
    typed as well, the missing ones are asked for on a terminal. Otherwise they are None.
    """
    if name is not None and "://" in name:
        if url is not None:
            raise UsageError("two URLs were given. Run: dctx auth NAME -u URL")
        url = _complete(name)
        return _ask_name() if asks_name and ask.is_possible() else None, url, False
    if name is None and url is None and asks_name and ask.is_possible():
        url = _ask_url()
        return _ask_name(), url, False
    return name, url, name is not None and _is_url(name)


def _ask_name() -> str:
    while True:
        name = ask.text("Name of the profile", "", default="default").strip()
        try:
            if name not in context.load().profiles:
                check_new_name(name, context.load().names)
        except UsageError as error:
            context.say(str(error))
        else:
            return name


def address(url: str | None, before: Profile | None, host: str = "") -> str:
    """Return the panel's URL: `url`, or the profile's saved URL, or what a person types.

    `host` is suggested to the person.
    """
    if url is not None:
        found = _complete(url)
    elif before is not None and before.url:
        found = before.usable_url()
    else:
        found = _ask_url(urls.with_scheme(host) if host else None)
    if urls.is_plain_http(found):
        context.warn(f"{found} uses http, so the API key is sent unencrypted. Use https if you can")
    return found


def _ask_url(suggested: str | None = None) -> str:
    while True:
        text = ask.text(
            "URL of the panel", "a URL is required. Run it with: -u https://HOST", default=suggested
        )
        try:
            return _complete(text)
        except UsageError as error:
            context.say(str(error))


def _complete(text: str) -> str:
    """Return a URL as it is saved; say which scheme was assumed for a host alone."""
    found = urls.normalize(urls.with_scheme(text))
    if "://" not in text:
        context.tell(f"Assuming {found}")
    return found


def given_key(token: str | None, panel: str) -> str:
    """Return the key of --token, from stdin if that is "-". Raises UsageError (exit 2)."""
    if token == "-":
        text = sys.stdin.readline()
        while pasted.is_unfinished(text):
            more = sys.stdin.readline()
            text = text.rstrip().removesuffix("\\") + more
            if not more:
                break
        if not text.strip():
            raise UsageError(_EMPTY)
        return _key_in(text, panel)
    context.warn(
        "a key on the command line stays in the shell's history and is visible in ps. "
        "Use -t - and stdin"
    )
    return _key_in(token or "", panel)


def typed_key(panel: str, *, again: bool = False) -> str:
    """Return the key that a person types or pastes, without showing it.

    `again`: the panel refused a key before. The question then says how to leave it, because people
    who do not look up type their next command into it.
    """
    question = f"API key (panel: {KEYS_PAGE}; not shown)"
    if again:
        question = "Another API key (Ctrl-C cancels; not shown)"
    while True:
        text = ask.text(question, NO_KEY, hidden=True)
        while pasted.is_unfinished(text):
            text = text.rstrip().removesuffix("\\") + ask.text("(more)", NO_KEY, hidden=True)
        try:
            return _key_in(text, panel)
        except UsageError as error:
            context.say(str(error))


def _key_in(text: str, panel: str) -> str:
    """Return the key in a pasted text. Raises UsageError (exit 2) if there is none."""
    found = pasted.read(text)
    key = found.key
    if len(key.split()) > 1:
        raise UsageError(_BLANK)
    if not key or len(key) > _MOST or not key.isprintable() or not key.isascii():
        raise UsageError(_NOT_A_KEY)
    if "://" in key:
        raise UsageError("this is a URL and not an API key. Copy the key from the panel.")
    if found.url and not same_origin(found.url, panel):
        raise UsageError(
            f"the pasted text is for {urls.shown(found.url)}, not for {panel}. "
            "Run it again with that URL, or paste the key alone."
        )
    if found.more:
        context.tell("Used only the API key in the pasted text.")
    return key
