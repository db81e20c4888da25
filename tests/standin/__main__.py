"""`python -m tests.standin`: run a seeded panel until SIGTERM, SIGINT, or our parent ends."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from . import versions
from .gate import KINDS, Gate
from .panel import StandIn

POLL_SECONDS = 0.2


def write_ready_file(panel: StandIn, path: Path) -> None:
    """Write `{url, organizations: [{id, name, key}]}` at once, with mode 0600."""
    rows = [
        {"id": row.id, "name": row.name, "key": panel.key_of(row.name)}
        for row in panel.organizations
    ]
    half = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump({"url": panel.url, "organizations": rows}, out, indent=2)
        out.write("\n")
    half.replace(path)


def alive(pid: int) -> bool:
    """Return whether the process exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(argv: list[str]) -> int:
    """Serve until told to stop, then return 0. Keys are written into the ready file alone."""
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: one that is free")
    parser.add_argument("--ready-file", type=Path, help="written when the panel listens")
    parser.add_argument(
        "--version", choices=versions.PLAYED, default=versions.NEWEST, help="default: the newest"
    )
    parser.add_argument(
        "--require-header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="answer nobody who does not send it; may be given more than once",
    )
    parser.add_argument("--gate", choices=KINDS, default=KINDS[0], help="with what to answer them")
    parser.add_argument("--parent", type=int, metavar="PID", help="stop when PID is gone")
    options = parser.parse_args(argv)

    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    with StandIn.seeded(port=options.port, version=options.version) as panel:
        pairs = (text.partition(":") for text in options.require_header)
        panel.gate = Gate({name.strip(): value.strip() for name, _, value in pairs}, options.gate)
        if options.ready_file is not None:
            write_ready_file(panel, options.ready_file)
        print(f"stand-in panel on {panel.url}", flush=True)
        while not stop.wait(POLL_SECONDS):
            if options.parent is not None and not alive(options.parent):
                break
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
