"""Which error messages of the server are passed on.

Messages about a failed command may contain S3 keys, passwords in URLs and lines of a compose file
(seen with v0.30.2). So only messages with a fixed wording are passed on.
"""

from __future__ import annotations

import json
import re

# Fields of an error that tell what failed but not why.
STRUCTURE = frozenset({"code", "path", "httpStatus", "status", "statusCode"})
# Fields that describe what is wrong with the client's own input, in the words of the validator.
ABOUT_INPUT = frozenset({"zodError", "issues"})

_CONSTANT = frozenset(
    {
        "UNAUTHORIZED",
        "FORBIDDEN",
        "NOT_FOUND",
        "BAD_REQUEST",
        "INTERNAL_SERVER_ERROR",
        "Unauthorized",
        "Not found",
        "Permission denied",
        "Access denied",
        "Internal server error",
        "Invalid input",
        "Input validation failed",
        "Missing content-type header",
        "Unexpected end of JSON input",
        "Resource type not found",
        "Services not found",
        "fetch failed",
        "Valid enterprise license required",
        "The expiresIn is larger than the predefined maximum value.",
        "The expiresIn is smaller than the predefined minimum value.",
        "The prefix length is either too large or too small.",
        "refillAmount is required when refillInterval is provided",
        "connect ENOENT /var/run/docker.sock",
    }
)
_WORD = r"[A-Za-z][A-Za-z' -]{0,40}"
_WORDED = re.compile(
    rf"""(?:
      {_WORD}\ not\ found\.?
    | You\ (?:are\ not|don't|do\ not|need\ to)\ [A-Za-z' ]{{3,80}}\.?
    | unauthorized\ to\ access\ resource\ "[A-Za-z]{{1,32}}"
    | No\ procedure\ found\ on\ path\ "[A-Za-z0-9.,]{{1,200}}"
    | Unsupported\ (?:GET|POST)-request\ to\ (?:mutation|query)\ procedure
      \ at\ path\ "[A-Za-z0-9.]{{1,80}}"
    | No\ container\ or\ service\ found\ for:\ [a-z0-9-]{{1,64}}
    | Invalid\ input:\ expected\ [a-z]+,\ received\ [a-z]+
    | Cannot\ connect\ to\ the\ Docker\ daemon\ at\ unix:///var/run/docker\.sock\.
      \ Is\ the\ docker\ daemon\ running\?\s*
    | Failed\ to\ (?:fetch|get|load|read|list)\ [a-z ]{{1,40}}
    )\Z""",
    re.X,
)


def passes(message: str) -> bool:
    """Return whether an error's `message` has a known wording, and so contains no secret."""
    return message in _CONSTANT or bool(_WORDED.match(message)) or _is_validation(message)


def _is_validation(message: str) -> bool:
    """Return whether `message` is the list in which zod tells what is wrong with the input."""
    if not message.startswith("["):
        return False
    try:
        issues = json.loads(message)
    except (ValueError, RecursionError):
        return False
    return isinstance(issues, list) and all(
        isinstance(issue, dict)
        and isinstance(issue.get("path"), list)
        and isinstance(issue.get("code"), str)
        for issue in issues
    )
