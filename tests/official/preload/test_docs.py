"""docs/cli.md: its snippets run as they stand, and it names what the preload guards."""

from __future__ import annotations

import re
import subprocess

from tests.standin import StandIn

from ...shells import ROOT
from .conftest import Shim

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
FENCE = re.compile(r"<!-- run: ([a-z-]+) -->\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_snippets_run(shim: Shim, panel: StandIn) -> None:
    snippets = dict(FENCE.findall(PAGE))
    assert {*snippets} == {"read", "off", "names", "find"}
    id_ = panel.add_service(panel.add_project(panel.organization("Acme"), "acme-shop"), "shop-api")
    for name, script in snippets.items():
        env = shim.environ({"PROJECT": panel.projects[0].id})
        done = subprocess.run(["sh", "-ec", script], env=env, capture_output=True, text=True)
        says = f"dctx: @production/shop-api is {id_} in acme-shop\n" if name == "names" else ""
        assert (done.returncode, done.stderr) == (0, says)
        assert "acme-" in done.stdout or name == "names"
    assert [row.id for row in panel.applications if row.deployments] == [id_]


def test_message_is_that_of_the_preload(shim: Shim) -> None:
    (said,) = re.findall(r"^dctx: .env sets .*$", PAGE, re.MULTILINE)
    shim.dotenv("HTTPS_PROXY=http://127.0.0.1:9")
    assert shim.run("project", "all").err == said + "\n"


def test_each_name_on_the_page_is_guarded(shim: Shim) -> None:
    _, _, rest = PAGE.partition("The names, in any case:\n\n")
    part, _, _ = rest.partition("\n\n")
    names = {name for name in re.findall(r"`(\w+)`", part) if name not in ("npm_config_", "DEBUG")}
    assert len(names) > 15
    shim.dotenv(*(f"{name}=x" for name in sorted(names)))
    assert not names & {*shim.seen_by_cli().own}
