"""Run several jobs at once; Ctrl-C ends the wait, and no thread keeps the program alive."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

AT_ONCE = 8
Result = TypeVar("Result")


def gather(
    jobs: Sequence[Callable[[], Result]],
    broken: Callable[[Exception], Result],
    progress: Callable[[list[int]], None] = lambda _waiting: None,
    given_up: Callable[[], Result] | None = None,
    at_once: int = AT_ONCE,
) -> list[Result]:
    """Return what each of `jobs` returns, in their order.

    `progress` gets the numbers of the jobs that are not done. If a job raises an exception, its
    result is that of `broken`. With `given_up`, Ctrl-C ends the wait, and every job that is not
    done has the result of `given_up`. At most `at_once` jobs run at the same time.
    """
    work: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result]] = queue.SimpleQueue()
    for number in range(len(jobs)):
        work.put(number)

    def run() -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                number = work.get_nowait()
                try:
                    result = jobs[number]()
                except Exception as error:  # noqa: BLE001 - else the result would be awaited for ever
                    result = broken(error)
                done.put((number, result))

    for _ in range(min(at_once, len(jobs))):
        threading.Thread(target=run, daemon=True).start()
    found: dict[int, Result] = {}
    try:
        while len(found) < len(jobs):
            progress([number for number in range(len(jobs)) if number not in found])
            number, result = done.get()
            found[number] = result
    except KeyboardInterrupt:
        if given_up is None:
            raise
        for number in range(len(jobs)):
            if number not in found:
                found[number] = given_up()
    return [found[number] for number in range(len(jobs))]
