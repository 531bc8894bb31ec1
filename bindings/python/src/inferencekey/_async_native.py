"""Requests of one client on asyncio's loop: no thread, one descriptor."""

from __future__ import annotations

import asyncio
import os
from json import loads

from . import _core, _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, TypeVar

    T = TypeVar("T", bound="_core.Text")


class Exchange:
    """Wakes whoever waits for a request of the client. Moves to another event loop, or a child process, by itself."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._home: Optional[tuple[asyncio.AbstractEventLoop, int]] = None
        self._descriptor = -1
        self._waiters: dict[int, asyncio.Future[None]] = {}

    def start(self, operation: str, arguments: str) -> Any:
        """A request that is on its way, from its arguments in JSON."""
        self._settle()
        request = _core.start(self.client, operation, arguments, _core.ON_POLLED_CLIENT_LOOP)
        self._poll()
        return request

    async def next(self, request: Any, kind: Optional[type[T]] = None) -> Any:
        """What the request has brought, decoded, or chunks of the class; ``None`` at its end."""
        while True:
            status, found = _core.next(request, 0, kind) if kind is not None else _core.next(request, 0)
            if status == _core.OK:
                return loads(found) if kind is None else found
            if status == _core.END:
                return None
            loop = self._settle()
            number = _core.request_id(request)
            waiter = loop.create_future()
            self._waiters[number] = waiter
            try:
                await waiter
            finally:
                self._waiters.pop(number, None)

    async def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """The result of a plain operation. Cancelling the task closes the request."""
        return await self._result(operation, _native.encode(arguments), None)

    async def text(self, operation: str, arguments: str, kind: type[T]) -> T:
        """The same of an operation whose result is a text, from its arguments in JSON."""
        result: T = await self._result(operation, arguments, kind)
        return result

    async def _result(self, operation: str, arguments: str, kind: Optional[type[T]]) -> Any:
        request = self.start(operation, arguments)
        try:
            return await self.next(request, kind)
        finally:
            _core.close(request)

    def close(self) -> None:
        """Ends every request and closes the connections."""
        self._detach()
        _core.close_client(self.client)
        for waiter in self._waiters.values():
            if not waiter.done():
                waiter.set_result(None)

    def _detach(self) -> None:
        """Leaves the event loop."""
        if self._home is not None and not self._home[0].is_closed() and self._home[1] == os.getpid():
            self._home[0].remove_reader(self._descriptor)
        self._home = None

    def _settle(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        home = (loop, os.getpid())
        if self._home != home:
            self._detach()
            self._descriptor = _core.descriptor(self.client)
            loop.add_reader(self._descriptor, self._poll)
            self._home = home
        return loop

    def _poll(self) -> None:
        """On the event loop's thread alone: what it resolves belongs there."""
        while True:
            ready = _core.poll(self.client, 0)
            for number in ready:
                waiter = self._waiters.pop(number, None)
                if waiter is not None and not waiter.done():
                    waiter.set_result(None)
            if not ready:
                return


class AsyncEvents:
    """The events of a streaming operation, for one reader at a time."""

    def __init__(
        self, exchange: Exchange, operation: str, arguments: str, kind: Optional[type[T]] = None
    ) -> None:
        self._is_ended = True
        self._is_read = False
        self._kind = kind
        self._ready: list[Any] = []
        self._exchange = exchange
        self._request = exchange.start(operation, arguments)
        self._is_ended = False

    async def open(self) -> None:
        """Returns once the stream is open; what refuses it is raised."""
        try:
            await self.more()
        except asyncio.CancelledError:
            self.close()
            raise

    async def more(self) -> Optional[list[Any]]:
        """Everything that has arrived; ``None`` at the end. A wait that is cancelled takes nothing, and ends nothing."""
        if self._is_ended:
            return None
        if self._is_read:
            raise _native.busy("task")
        self._is_read = True
        try:
            batch: Optional[list[Any]] = await self._exchange.next(self._request, self._kind)
        except asyncio.CancelledError:
            raise
        except BaseException:
            self.close()
            raise
        finally:
            self._is_read = False
        if batch is None:
            self.close()
        return batch

    async def next(self) -> Any:
        """The next event; raises ``StopAsyncIteration`` at the end."""
        while not self._ready or _core.is_closed(self._exchange.client):
            batch = await self.more()
            if batch is None:
                raise StopAsyncIteration
            self._ready = batch[::-1]
        return self._ready.pop()

    def close(self) -> None:
        """Closes the connection: at the event loop's next turn, so from any thread, and by the collector."""
        if not self._is_ended:
            self._is_ended = True
            self._ready = []
            _core.close(self._request)

    def __del__(self) -> None:
        self.close()
