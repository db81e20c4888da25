"""Break one line of a promise, see that a test turns red, put the line back: `make mutants`.

    scripts/mutants.py [--seed N] [--count N] [--only GLOB] [--jobs N] [--list]

Always: each break of scripts/known_breaks.txt, which no test noticed once. Besides, a sample of
breaks made by operators (scripts/breaks.py). Each break runs the tests that scripts/tests_of.txt
gives for its file, those that noticed one in that file before first. Survivors are printed, and
make the exit code 1. Results are kept in .build/mutants/, so that a run that was stopped goes on;
a changed test makes all of them void, a changed line its own.

A break that changes nothing that anybody could notice is listed in scripts/equal_breaks.txt with
its reason. Why not mutmut or cosmic-ray: neither drops statements (an fsync, a chmod, an unset)
or knows shell, and most tests here start `dctx` as a program.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.breaks import ROOT, Break, sample, tests_of

WORK = ROOT / ".build" / "mutants"
SECONDS = 420  # for the tests of one break; what hangs is noticed, too


class Worker:
    """A clone of the repository with an environment of its own, in which lines are broken."""

    def __init__(self, number: int) -> None:
        self.root = WORK / f"worker-{number}"

    def prepare(self, commit: str) -> None:
        """Make the clone, or bring it to this commit."""
        if not (self.root / ".git").exists():
            shutil.rmtree(self.root, ignore_errors=True)
            clone = ["git", "clone", "-q", "--shared", str(ROOT), str(self.root)]
            subprocess.run(clone, check=True)
        for words in (["fetch", "-q", "origin"], ["checkout", "-q", "-f", commit]):
            subprocess.run(["git", "-C", str(self.root), *words], check=True)
        subprocess.run(
            ["scripts/setup", "test"], cwd=self.root, check=True, stdout=subprocess.DEVNULL
        )

    def notices(self, each: Break, first: list[str]) -> str:
        """Return the test that turned red, "" where none did."""
        path = self.root / each.file
        text = path.read_text("utf-8")
        tests, word = tests_of(each.file)
        path.write_text(each.apply(text), "utf-8")
        try:
            red = self._run(first, "") if first else ""
            return red or self._run(tests, word)
        finally:
            path.write_text(text, "utf-8")

    def _run(self, tests: list[str], word: str) -> str:
        pytest = [str(self.root / ".build/venv/bin/python"), "-m", "pytest", "-x", "-q", "-n", "0"]
        words = [*pytest, "-p", "no:cacheprovider", "--tb=no", *(["-k", word] if word else [])]
        process = subprocess.Popen(
            [*words, *tests], cwd=self.root, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            out, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "(it hangs)"
        found = re.search(r"(?m)^(?:FAILED|ERROR) (\S+)", out)
        if process.returncode in (0, 5):
            return ""
        return found.group(1) if found else "(it does not start)"


def stored(commit_of_tests: str) -> tuple[Path, dict[str, str]]:
    """Return the file of results that hold for these tests, and what it says."""
    path = WORK / f"results-{commit_of_tests}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return path, dict(json.loads(line) for line in lines)


def commit() -> str:
    """Return HEAD. Raises SystemExit where the working tree differs from it."""
    git = ["git", "-C", str(ROOT)]
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True)
    if changed.stdout:
        raise SystemExit("mutants: the working tree has changes. Commit them first")
    found = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
    return found.stdout.strip()


def described(each: Break) -> str:
    """Return a break as a person reads it."""
    text = (ROOT / each.file).read_text("utf-8")
    return f"{each.file}:{each.line(text)} {each.what}\n  - {each.old}\n  + {each.new}"


def run(breaks: list[Break], jobs: int) -> dict[str, str]:
    """Run each break that has no result yet; returns the test that noticed each, by its key."""
    texts = {each.file: (ROOT / each.file).read_text("utf-8") for each in breaks}
    head, lock = commit(), threading.Lock()
    names = sorted(ROOT.glob("tests/**/*.py"))
    tests = hashlib.sha256(b"".join(path.read_bytes() for path in names)).hexdigest()[:12]
    WORK.mkdir(parents=True, exist_ok=True)
    file, results = stored(tests)
    queue: SimpleQueue[Break] = SimpleQueue()
    killers: dict[str, list[str]] = {}
    for each in breaks:
        if each.key(texts[each.file]) not in results:
            queue.put(each)
    print(f"{len(breaks)} breaks, {queue.qsize()} of them to run, with {jobs} workers", flush=True)

    def work(number: int) -> None:
        worker = Worker(number)
        worker.prepare(head)
        while True:
            try:
                each = queue.get_nowait()
            except Empty:
                return
            text = texts[each.file]
            red = worker.notices(each, killers.get(each.file, [])[:4])
            with lock, file.open("a", encoding="utf-8") as out:
                results[each.key(text)] = red
                out.write(json.dumps([each.key(text), red]) + "\n")
                if "::" in red and red not in killers.setdefault(each.file, []):
                    killers[each.file].insert(0, red)
                mark = "noticed " if red else "SURVIVED"
                print(f"{mark} {each.file}:{each.line(text)} {each.what} {red}", flush=True)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {key: results.get(key, "") for key in (e.key(texts[e.file]) for e in breaks)}


def main() -> int:
    """Run; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--only", default="*", help="a pattern of files")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--list", action="store_true", help="print the breaks, run nothing")
    args = parser.parse_args()
    breaks = sample(args.seed, args.count, args.only)
    if args.list:
        print("\n".join(map(described, breaks)))
        return 0
    begun = time.monotonic()
    results = run(breaks, args.jobs)
    left = [e for e in breaks if not results[e.key((ROOT / e.file).read_text("utf-8"))]]
    for each in left:
        text = (ROOT / each.file).read_text("utf-8")
        print(f"\nSURVIVED {described(each)}\n  {each.key(text)}")
    print(f"\n{len(breaks) - len(left)} of {len(breaks)} noticed, {len(left)} survived, "
          f"{(time.monotonic() - begun) / 60:.0f} min")  # fmt: skip
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
