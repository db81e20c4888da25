"""`dctx doctor`: find problems, and say what to do about each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from ..text.table import view
from .shared import check_config, check_setup
from .shared.findings import Finding


@click.command(name="doctor")
@click.option("--offline", is_flag=True, help="Do not ask the panels whether they are up.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of all that was checked.")
def doctor(offline: bool, as_json: bool) -> None:
    """Check everything that dctx depends on, and say what to do about each problem.

    Checked are the shell integration, the dokploy wrapper, which dokploy other programs find (login
    shells, make, npm run), the official CLI, the saved profiles, and the active one. The panels are
    asked whether they are up, without a key; --offline leaves that out.

    \b
    Examples:
      dctx doctor             check everything
      dctx doctor --offline   the same, without asking a panel
      dctx doctor --json | jq -r '.[] | select(.ok | not).todo'

    Exit codes: 0 where nothing is to be done, else 1.

    See also: dctx verify, which checks the keys themselves
    """
    bad, found = False, []
    for finding in _findings(offline):
        bad = bad or bool(finding.todo)
        if as_json:
            found.append(finding.as_data())
            continue
        # Print each finding at once, since a slow panel must not delay the others.
        sys.stdout.write("".join(line + "\n" for line in finding.lines(view(sys.stdout))))
        sys.stdout.flush()
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    if bad:
        sys.exit(1)


def _findings(offline: bool) -> Iterator[Finding]:
    yield from check_setup.findings()
    yield from check_config.findings(offline)
