"""What the broker costs: `python bench/broker.py` prints a table of ratios and figures.

A panel that answers at once (aiohttp, in a process of its own) stands behind it, so that the
figures are the broker's. Each stands beside its floor, the same without the broker, in one run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import web

ROUNDS = 200
TOTAL = 2000
AT_ONCE = 50
LARGE = 100 * 1024 * 1024
DCTX = str(Path(sys.executable).with_name("dctx"))


def answer() -> bytes:
    """Return 64 KiB of JSON as project.all has it, with some secrets in it."""
    row = {
        "projectId": "V1StGXR8_Z5jdHi6B-myT",
        "name": "shop",
        "description": "",
        "env": "A=1\nB=2",
        "createdAt": "2026-11-26T14:24:47.607Z",
        "organizationId": "DzbGyOgOD2Q9Sfy9l5QfC",
    }
    rows = [row] * (65536 // (len(json.dumps(row, separators=(",", ":"))) + 1))
    body = {"result": {"data": {"json": rows}}}
    return json.dumps(body, separators=(",", ":")).encode()


async def serve(port_file: str) -> None:
    """Be the panel."""
    body, chunk = answer(), b"a" * 65536

    async def small(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async def large(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        await response.prepare(request)
        for _ in range(LARGE // len(chunk)):
            await response.write(chunk)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_get("/api/trpc/project.all", small)
    app.router.add_get("/api/trpc/backup.one", large)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    Path(port_file).write_text(str(port))
    await asyncio.Event().wait()


async def measure(url: str, key: str) -> dict[str, float]:
    """Return milliseconds a request (least and median) and requests per second, 50 at once."""
    async with aiohttp.ClientSession(headers={"x-api-key": key}) as session:

        async def one() -> None:
            async with session.get(f"{url}/api/trpc/project.all") as got:
                assert got.status == 200
                await got.read()

        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await one()
            times.append((time.perf_counter() - began) * 1000)
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(_gated(gate, one) for _ in range(AT_ONCE)))
        began = time.perf_counter()
        await asyncio.gather(*(_gated(gate, one) for _ in range(TOTAL)))
        rate = TOTAL / (time.perf_counter() - began)
    return {"least": min(times), "median": statistics.median(times), "rate": rate}


async def _gated(gate: asyncio.Semaphore, work: Callable[[], Awaitable[None]]) -> None:
    async with gate:
        await work()


async def drain(url: str, key: str) -> int:
    """Read the large answer; return its bytes."""
    size = 0
    async with (
        aiohttp.ClientSession(headers={"x-api-key": key}) as session,
        session.get(f"{url}/api/trpc/backup.one") as got,
    ):
        async for piece in got.content.iter_chunked(65536):
            size += len(piece)
    return size


def inside() -> None:
    """Print the figures of the panel that the environment names, and the broker's memory."""
    url, key = os.environ["DOKPLOY_URL"], os.environ["DOKPLOY_API_KEY"]
    before = _processor_time()
    found = asyncio.run(measure(url, key))
    found["busy"] = (_processor_time() - before) * 1000 / (ROUNDS + AT_ONCE + TOTAL)
    if os.environ.get("BENCH_LARGE"):
        began = time.perf_counter()
        size = asyncio.run(drain(url, key))
        found["MB/s"] = size / 1024 / 1024 / (time.perf_counter() - began)
        found["MB of memory"] = _peak() / 1024
    print(json.dumps(found))


def _peak() -> int:
    """Return the largest resident size of the broker so far, in KiB."""
    status = _of_broker("status")
    return int(status.partition("VmHWM:")[2].split()[0]) if status else 0


def _processor_time() -> float:
    """Return the seconds that the broker was busy so far, whatever else the machine does."""
    words = _of_broker("stat").rpartition(")")[2].split()
    return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")


def _of_broker(name: str) -> str:
    """Return a file of /proc of this command's own broker, "" where only root may find it."""
    port = f":{int(os.environ['DOKPLOY_URL'].rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = [row[9] for row in rows if row[1].endswith(port) and row[3] == "0A"]
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_broker = b"dokploy_ctx.broker.run" in (entry / "cmdline").read_bytes()
            if is_broker and any(
                os.readlink(fd) == f"socket:[{inode}]" for fd in (entry / "fd").iterdir()
            ):
                return (entry / name).read_text()
    return ""


def starts(words: list[str], environ: dict[str, str]) -> float:
    """Return the least milliseconds of ten runs of `words`."""
    times = []
    for _ in range(10):
        began = time.perf_counter()
        subprocess.run(words, env=environ, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - began) * 1000)
    return min(times)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        port_file = os.path.join(home, "port")
        panel = subprocess.Popen([sys.executable, __file__, "serve", port_file])
        try:
            while not os.path.exists(port_file) or not Path(port_file).read_text():
                time.sleep(0.05)
            url = f"http://127.0.0.1:{Path(port_file).read_text()}"
            folder = Path(home, ".dokploy")
            folder.mkdir(0o700)
            profile = {"url": url, "token": "k" * 64}
            (folder / "config.json").write_text(json.dumps({"profiles": {"prod": profile}}))
            (folder / "config.json").chmod(0o600)
            environ = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
            me = [sys.executable, __file__, "inside"]
            bare = json.loads(subprocess.check_output(
                me, env={**environ, "DOKPLOY_URL": url, "DOKPLOY_API_KEY": "k"}))  # fmt: skip
            figures = {"without": bare}
            for name, option in (("masked", "--read-only"), ("shown", "--show-secrets")):
                large = {"BENCH_LARGE": "1"} if name == "shown" else {}
                words = [DCTX, "exec", option, "prod", "--", *me]
                figures[name] = json.loads(subprocess.check_output(words, env={**environ, **large}))
            plain = starts([DCTX, "exec", "prod", "--", "true"], environ)
            broker = starts([DCTX, "exec", "--read-only", "prod", "--", "true"], environ)
        finally:
            panel.terminate()
            panel.wait()
    columns = ("ms a request, least", "median", "requests/s, 50 at once", "the broker busy, ms")
    print(f"| 64 KiB answers | {' | '.join(columns)} |")
    print("|---|---|---|---|---|")
    for name, row in figures.items():
        print(f"| {name} | {row['least']:.2f} | {row['median']:.2f} | {row['rate']:.0f} "
              f"| {row['busy']:.2f} |")  # fmt: skip
    floor, shown = bare["least"], figures["shown"]
    print(f"\nadded: masked {figures['masked']['least'] - floor:.2f} ms, shown "
          f"{shown['least'] - floor:.2f} ms")  # fmt: skip
    print(
        f"100 MB shown: {shown['MB/s']:.0f} MB/s, the broker's peak {shown['MB of memory']:.0f} MB"
    )
    print(f"\nstart: exec {plain:.0f} ms, with the broker {broker:.0f} ms (+{broker - plain:.0f})")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2]))
    elif sys.argv[1:2] == ["inside"]:
        inside()
    else:
        main()
