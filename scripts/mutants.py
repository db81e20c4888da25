"""Break one line, check that a test fails, and restore the line: `make mutants`.

    scripts/mutants.py [--seed N] [--count N] [--only GLOB] [--jobs N] [--list]

It tries all breaks of scripts/known_breaks.txt, which no test noticed once, and a sample of breaks
that operators make (scripts/breaks.py). For each break it runs the tests that scripts/tests_of.txt
names for the file: first those that noticed breaks near it before, then the others, quick ones
first. Breaks that survive are printed, and the exit code is 1. Results are saved in .build/mutants/
so that a stopped run can be continued. A result is dropped when its line or its test changes, and a
survivor when any test does.

A break that nobody could notice is listed in scripts/equal_breaks.txt with the reason. mutmut and
cosmic-ray do not fit: they neither drop statements (an fsync, a chmod, an unset) nor know shell,
and most tests here start `dctx` as a program.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.breaks import ROOT, Break, sample, tests_of
from tests.shells import BASH_3_2

WORK = ROOT / ".build" / "mutants"
RESULTS = WORK / "results.jsonl"
TIMES = WORK / "times.jsonl"
SECONDS = 600  # for all tests of one break; a single test that hangs fails earlier
FIRST = 12  # how many tests that noticed other breaks come first
NO_START, SLOW = "(no test starts)", "(time is up)"


class Worker:
    """A clone of the repository, with its own environment, in which lines are broken."""

    def __init__(self, number: int) -> None:
        self.root = WORK / f"worker-{number}"
        self.sound: set[str] = set()  # tests that fail because of a break and pass without it
        self.unsound: list[str] = []  # tests that fail without a break

    def prepare(self, commit: str) -> None:
        """Make the clone, or check out this commit in it."""
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
        """Return the test that turned red, "" where none did, SLOW where time was up before.

        A test counts that is green without the break, and red again with it: one that is red by
        itself, or now and then on a busy machine, notices nothing.
        """
        path = self.root / each.file
        text = path.read_text("utf-8")
        tests, word = tests_of(each.file)

        def red_with(broken: bool, some: list[str], word: str = "") -> str:
            path.write_text(each.apply(text) if broken else text, "utf-8")
            return self._run(some, word)

        try:
            for some in (first, tests):
                while some:
                    red = red_with(True, some, word)
                    if red == SLOW:
                        return SLOW
                    if not red:
                        break
                    again = [red] if red != NO_START else ["--collect-only", *some]
                    if red in self.sound or (not red_with(False, again) and red_with(True, again)):
                        self.sound.add(red)
                        return red
                    self.unsound.append(red)
            return ""
        finally:
            path.write_text(text, "utf-8")

    def _run(self, tests: list[str], word: str) -> str:
        cache = self.root / ".build" / "mutants-cache"
        shutil.rmtree(cache, ignore_errors=True)
        pytest = [str(self.root / ".build/venv/bin/python"), "-m", "pytest", "-x", "-q", "-n", "0"]
        pytest += ["-p", "scripts.quick_first"]
        words = [*pytest, "-o", f"cache_dir={cache}", "--tb=no", *(["-k", word] if word else [])]
        temporary = tempfile.mkdtemp(
            prefix="mutant-"
        )  # else pytest would delete folders of other runs
        words += [f"--deselect={test}" for test in self.unsound]
        process = subprocess.Popen(
            [*words, *tests], cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "PYTEST_DEBUG_TEMPROOT": temporary, "BASH_3_2": str(BASH_3_2),
                 "TIMES_OF_TESTS": str(TIMES)},
        )  # fmt: skip
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return SLOW
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        # Read the cache and not the output, in which a test's name may contain blanks.
        failed = cache / "v" / "cache" / "lastfailed"
        names = list(json.loads(failed.read_text("utf-8"))) if failed.exists() else []
        if names:
            return str(names[0])
        # 1 without a failed test means that Python printed something at its end.
        return "" if process.returncode in (0, 1, 5) else NO_START


def hash_of(paths: list[Path]) -> str:
    """Return one hash of the content of all files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


@cache
def functions(path: Path) -> dict[str, str]:
    """Return name → text, with decorators, of each function of a file. {} if there is no file."""
    if not path.exists():
        return {}
    text = path.read_text("utf-8")
    lines = text.splitlines()
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def noticed_by(red: str, every: str) -> str:
    """Return a hash of the function of `red`, with which a result expires; else `every`."""
    file, _, name = red.partition("[")[0].partition("::")
    text = functions(ROOT / file).get(name) if name else None
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else every


def stored(every: str) -> dict[str, str]:
    """Return the results that are still valid.

    A result by a test is valid until that test changes; a survivor, until any does (`every` is the
    hash of all).
    """
    lines = RESULTS.read_text("utf-8").splitlines() if RESULTS.exists() else []
    rows = [json.loads(line) for line in lines]
    return {key: red for key, red, tests in rows if tests == noticed_by(red, every)}


def commit() -> str:
    """Return HEAD. Raises SystemExit if the working tree has changes."""
    git = ["git", "-C", str(ROOT)]
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True)
    if changed.stdout:
        raise SystemExit("mutants: the working tree has changes. Commit them first")
    found = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
    return found.stdout.strip()


def described(each: Break) -> str:
    """Return a description of a break for a person."""
    text = (ROOT / each.file).read_text("utf-8")
    return f"{each.file}:{each.line(text)} {each.what}\n  - {each.old}\n  + {each.new}"


def nearest(each: Break, text: str, results: dict[str, str]) -> list[str]:
    """Return the tests that noticed other breaks, those of near lines first; at most FIRST.

    Only of files that have the same list of tests; `text` is that of the file of `each`.
    """

    def distance(key: str) -> int:
        file, _, rest = key.split(" | ", 2)
        at = text.find(rest.rpartition(" | ")[0]) if file == each.file else -1
        return abs(at - each.at) if at >= 0 else len(text)

    def is_of(key: str) -> bool:
        file = key.partition(" | ")[0]
        return file == each.file or tests_of(file) == tests_of(each.file)

    keys = [key for key, red in results.items() if "::" in red and is_of(key)]
    return list(dict.fromkeys(results[key] for key in sorted(keys, key=distance)))[:FIRST]


def run(breaks: list[Break], jobs: int) -> dict[str, str]:
    """Run each break without a result; return key → the test that noticed the break."""
    texts = {each.file: (ROOT / each.file).read_text("utf-8") for each in breaks}
    head, lock = commit(), threading.Lock()
    every = hash_of(sorted(ROOT.glob("tests/**/*.py")))
    WORK.mkdir(parents=True, exist_ok=True)
    results = stored(every)
    queue: SimpleQueue[Break] = SimpleQueue()
    for each in breaks:
        tests_of(each.file)  # may raise SystemExit, which would be lost in a thread
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
            with lock:
                first = list(each.tests) or nearest(each, text, results)
            red = worker.notices(each, first)
            with lock, RESULTS.open("a", encoding="utf-8") as out:
                if red != SLOW:
                    results[each.key(text)] = red
                    out.write(json.dumps([each.key(text), red, noticed_by(red, every)]) + "\n")
                mark = "noticed " if red not in ("", SLOW) else "SURVIVED"
                print(f"{mark} {each.file}:{each.line(text)} {each.what} {red}", flush=True)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def main() -> int:
    """Run the breaks, print the survivors, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--only", default="*", help="a pattern of files")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--list", action="store_true", help="print the breaks, run nothing")
    args = parser.parse_args()
    # A shell that starts us with `&` ignores SIGINT, and then tests of Ctrl-C would fail.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    breaks = sample(args.seed, args.count, args.only)
    if args.list:
        print("\n".join(map(described, breaks)))
        return 0
    begun = time.monotonic()
    results = run(breaks, args.jobs)
    keys = {each: each.key((ROOT / each.file).read_text("utf-8")) for each in breaks}
    left = [each for each in breaks if not results.get(keys[each])]
    for each in left:
        mark = "SURVIVED" if keys[each] in results else "NO RESULT"
        print(f"\n{mark} {described(each)}\n  {keys[each]}")
    print(f"\n{len(breaks) - len(left)} of {len(breaks)} noticed, {len(left)} not, "
          f"{(time.monotonic() - begun) / 60:.0f} min")  # fmt: skip
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
