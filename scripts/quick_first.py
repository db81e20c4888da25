"""A plugin of pytest for `make mutants`: the tests that take little time come first.

    pytest -p scripts.quick_first, with TIMES_OF_TESTS=FILE

A break is noticed soonest so. How long a test took when it passed is appended to FILE, one JSON
list of name and seconds in a line. Tests whose time is not known come before all others.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

FILE = Path(os.environ["TIMES_OF_TESTS"])


def _times() -> dict[str, float]:
    lines = FILE.read_text("utf-8").splitlines() if FILE.exists() else []
    return dict(map(json.loads, lines))


KNOWN = _times()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by the seconds that they take."""
    items.sort(key=lambda item: KNOWN.get(item.nodeid, 0.0))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Append the time of a test that passed, if it is not known."""
    if report.when == "call" and report.passed and report.nodeid not in KNOWN:
        with FILE.open("a", encoding="utf-8") as out:
            out.write(json.dumps([report.nodeid, round(report.duration, 2)]) + "\n")
