"""docs/cli.md: its snippets run as they stand, and it names what the preload guards."""

from __future__ import annotations

import re
import subprocess

from tests.standin import StandIn

from ...shells import ROOT
from .conftest import Shim

PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
FENCE = re.compile(r"<!-- run: ([a-z-]+) -->\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)

SAYS = {
    "names": "dctx: @production/shop-api is ID in acme-shop\n",
    "below": "dctx: @production/shop-api/8080/tcp is port-1 in acme-shop\n"
    'dctx: "@production/shop-api/clean up" is schedule-1 in acme-shop\n',
}


def test_snippets_run(shim: Shim, panel: StandIn) -> None:
    snippets = dict(FENCE.findall(PAGE))
    assert {*snippets} == {"read", "off", "names", "below", "find"}
    acme = panel.organization("Acme")
    id_ = panel.add_service(panel.add_project(acme, "acme-shop"), "shop-api")
    ports = [{"portId": "port-1", "publishedPort": 8080, "protocol": "tcp"}]
    panel.add_answer(acme, "application.one", {"applicationId": id_}, {"ports": ports})
    panel.add_answer(acme, "port.one", {"portId": "port-1"}, ports[0])
    given = {"id": id_, "scheduleType": "application"}
    schedule = {"scheduleId": "schedule-1", "name": "clean up"}
    panel.add_answer(acme, "schedule.list", given, [schedule])
    panel.add_answer(acme, "schedule.one", {"scheduleId": "schedule-1"}, schedule)
    for name, script in snippets.items():
        env = shim.environ({"PROJECT": panel.projects[0].id})
        done = subprocess.run(["sh", "-ec", script], env=env, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, SAYS.get(name, "").replace("ID", id_))
        assert "acme-" in done.stdout or name in SAYS
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
