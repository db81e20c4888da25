"""Files and folders that docs and sources name exist, and none is outside the repository."""

from __future__ import annotations

import re
import subprocess

from ..shells import ROOT

FILES = [
    path
    for path in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    if (ROOT / path).is_file() and not path.startswith(("tests/cli/", "tests/mcp/"))
]  # fmt: skip
FOLDERS = {folder for path in FILES for folder in path.split("/")[:-1]}
# In the pages for those who work on dctx, `x/y.py` and the like are files of this repository.
_PATH = re.compile(r"`((?:[a-z_]+/)+[a-z_.-]*|[a-z_/-]+\.(?:py|sh|md|bash|zsh|fish|cjs))`")
_LINK = re.compile(r"\]\(([^)#:$]+)\)")


def test_paths_in_the_pages_for_developers_are_there() -> None:
    for page in ("ARCHITECTURE.md", "CONTRIBUTING.md", "docs/internals.md", "docs/dokploy-api.md"):
        named = set(_PATH.findall((ROOT / page).read_text("utf-8")))
        assert len(named) > 3 or page == "docs/dokploy-api.md"
        for path in named - {"index/", "index/staging", "dist/"}:
            found = [file for file in FILES if f"/{file}".endswith(f"/{path}")]
            assert found or path.rstrip("/").rpartition("/")[2] in FOLDERS, (page, path)


def test_links_lead_to_files() -> None:
    for page in (path for path in FILES if path.endswith(".md")):
        for target in _LINK.findall((ROOT / page).read_text("utf-8")):
            assert ((ROOT / page).parent / target).exists(), (page, target)


def test_nothing_points_outside_the_repository() -> None:
    """A rule's source is a file that everybody has, or an upstream issue."""
    outside = re.compile(
        r"\b(?:design|hooks|broker|fingertips|words|survivors|mechanisms)\.md\b"
        r"|\bthe contract\b|\(contract[:,]|\bcontract: |\.\./shared/(?!tools)"
    )
    for path in FILES:
        if path != "tests/repository/test_references.py" and not path.endswith((".json", ".txt")):
            text = (ROOT / path).read_text("utf-8", "surrogateescape")
            assert not outside.findall(text), path
