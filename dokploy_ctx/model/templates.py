"""`-e NAME=TEXT` of `dctx exec`: a profile's values in the variables that a tool reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import UsageError
from .profile import Profile, quoted
from .session import check_exportable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORDS = ("url", "key", "org", "org_id", "profile")


class Templates:
    """The `-e` options. Raises UsageError (exit 2) for an invalid name or an unknown {word}."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        for text in texts:
            name, equals, template = text.partition("=")
            if equals and name.startswith(("_DCTX_", "DCTX_YES")) and _NAME.match(name):
                raise UsageError(f"-e cannot set {name}. Choose another name.")
            if not equals or not _NAME.match(name):
                shown = quoted(name) if len(name) <= 40 else "that"
                raise UsageError(f"-e takes NAME=TEXT; {shown} is not a variable's name.")
            for word in _WORD.findall(template):
                if word not in _WORDS:
                    known = ", ".join(f"{{{known}}}" for known in _WORDS)
                    raise UsageError(f"-e {name}: {{{word}}} is not known. Use {known}.")

    def values(self, profile: Profile, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the variables for a command, filled with the values in its `environ`.

        Values are put in as they are: a {word} inside a value is not replaced again.
        """
        words = {
            "url": environ["DOKPLOY_URL"],
            "key": environ["DOKPLOY_API_KEY"],
            "org": environ.get("DCTX_ORG", ""),
            "org_id": profile.organization_id,
            "profile": profile.name,
        }
        filled = {}
        for text in self.texts:
            name, _, template = text.partition("=")
            filled[name] = _WORD.sub(lambda found: words[found.group(1)], template)
            check_exportable((word, words[word]) for word in _WORD.findall(template))
        return filled
