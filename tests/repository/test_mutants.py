"""The tables of `make mutants` name lines and tests that exist."""

from __future__ import annotations

from scripts import breaks

from ..shells import ROOT


def test_breaks_that_are_listed_are_of_lines_that_exist() -> None:
    """Both stop with a message where a line has changed, and nobody runs them every day."""
    assert breaks.known()
    assert len(breaks.sample(1, 20, "*")) == len(breaks.known()) + 20


def test_tests_that_should_notice_exist() -> None:
    named = {test for _, tests in breaks.FILES.values() for test in tests}
    named |= {test for each in breaks.known() for test in each.tests}
    for test in sorted(named):
        file, _, name = test.partition("::")
        assert (ROOT / file).exists(), test
        assert not name or f"def {name.partition('[')[0]}(" in (ROOT / file).read_text("utf-8")
