"""The connections of the command, which may close its sending half before it reads the answer.

`printf 'GET …' | nc 127.0.0.1 PORT` and some HTTP libraries do so. aiohttp alone would take the end
of what is sent for the end of the connection, and not answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(web.RequestHandler):
    """A client's connection that stays open for the answer after the client stopped sending."""

    __slots__ = ("_ended", "asked")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ended = False
        self.asked: web.BaseRequest | None = None  # the last request that was started

    def eof_received(self) -> bool:  # type: ignore[override]
        """Note that the client sends no more; return whether a request is still to be answered.

        A request with an incomplete body gets no answer, as if the client had gone.
        """
        bodies = [body for _, body in self._messages]
        if (
            self.asked is not None and self._waiter is None
        ):  # otherwise we wait for the next request
            bodies.append(self.asked.content)
        self._ended = bool(bodies) and all(body.is_eof() for body in bodies)
        self.close_after_last()
        return self._ended

    def close_after_last(self) -> None:
        """Close the connection after the current answer, if no other request is to come."""
        if self._ended and not self._messages:
            self.close()


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


def server(handle: Handler) -> web.Server:
    """Return a server that answers requests with `handle`."""

    def taken_up(
        message: Any, body: Any, connection: Any, writer: Any, task: asyncio.Task[None]
    ) -> web.BaseRequest:
        loop = asyncio.get_running_loop()
        connection.asked = web.BaseRequest(message, body, connection, writer, task, loop)
        connection.close_after_last()
        asked: web.BaseRequest = connection.asked
        return asked

    return _Server(
        handle, request_factory=taken_up, access_log=None, keepalive_timeout=75.0,
        lingering_time=0.2,
    )  # fmt: skip
