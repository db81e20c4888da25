"""Credentials spelled for files that CI systems read. Pure. Shells have rows for this."""

from __future__ import annotations

import json

from ..errors import DctxError
from ..model import resolve


def as_json(values: dict[str, str]) -> str:
    """Return `values` as one JSON object."""
    return json.dumps(values, indent=2, ensure_ascii=True) + "\n"


def as_lines(values: dict[str, str]) -> str:
    """Return `values` as NAME=value lines, for a `.env` or GitHub's environment file.

    Nothing is quoted: the official CLI's own `.env` reader knows no escapes (docs/dokploy-api.md).
    Raises DctxError where a value would not come back as it is.
    """
    for name, value in values.items():
        if "\r" in value or resolve.dotenv(f"{name}={value}").get(name) != value:
            raise DctxError(f"{name} cannot be written in one line. Use --shell json.")
    return "".join(f"{name}={value}\n" for name, value in values.items())
