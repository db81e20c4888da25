"""Several waits at once, that Ctrl-C ends: no thread of them keeps the program."""

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
    progress: Callable[[int], None] = lambda _done: None,
) -> list[Result]:
    """Return what each of `jobs` returns, in their order; `progress` is told how many are done.

    What a job raises becomes `broken` of it: else its result would be awaited for ever.
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
                except Exception as error:  # noqa: BLE001 - as above
                    result = broken(error)
                done.put((number, result))

    for _ in range(min(AT_ONCE, len(jobs))):
        threading.Thread(target=run, daemon=True).start()
    found: dict[int, Result] = {}
    while len(found) < len(jobs):
        number, result = done.get()
        found[number] = result
        progress(len(found))
    return [found[number] for number in range(len(jobs))]
