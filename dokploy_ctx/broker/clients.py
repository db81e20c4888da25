"""The server's side that the command talks to: connections of which it may close its half.

`printf 'GET …' | nc 127.0.0.1 PORT` and some HTTP libraries send all that they have to say, close
that half, and read. aiohttp takes the end of what is sent for the end of the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(web.RequestHandler):
    """A client's connection, which stays open for what was asked when the client says no more."""

    __slots__ = ("_ended", "asked")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ended = False
        self.asked: web.BaseRequest | None = None  # the last request that was taken up

    def eof_received(self) -> bool:  # type: ignore[override]
        """Take note of the client's last word; return whether something is still to be answered.

        A request whose body is not whole gets no answer, as where the client is gone.
        """
        bodies = [body for _, body in self._messages]
        if self.asked is not None and self._waiter is None:  # else the next request is waited for
            bodies.append(self.asked.content)
        self._ended = bool(bodies) and all(body.is_eof() for body in bodies)
        self.close_after_last()
        return self._ended

    def close_after_last(self) -> None:
        """Have the connection end with the answer that is being made, if it is the last one."""
        if self._ended and not self._messages:
            self.close()


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


def server(handle: Handler) -> web.Server:
    """Return the server of a broker that answers by `handle`."""

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
