"""HTTP/1.1 by hand: reads requests, writes responses, and can break off, lie, split or fall silent at a named place."""

import asyncio
import json
import os
import socket
import struct

from .settings import RequestSettings

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Request:
    def __init__(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, self.query = target.partition("?")

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def json(self) -> dict:
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")
        return value


class Closed(Exception):
    """The connection is over: the client left, or a fault ended it."""


class ClientLeft(Closed):
    pass


class Reader:
    """Reads requests from one connection; also watches for the client's leaving while an answer is being made."""

    def __init__(self, stream: asyncio.StreamReader):
        self._stream, self._ahead = stream, b""

    async def request(self) -> Request:
        head = await self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
        request = Request(method, target, headers, b"")
        if "chunked" in request.header("transfer-encoding").lower():
            request.body = await self._chunked()
        elif length := request.header("content-length"):
            request.body = await self._exactly(int(length))
        return request

    async def until_client_leaves(self) -> None:
        """Returns when the client closed its side. What it sends meanwhile is kept for the next request."""
        while data := await self._stream.read(65536):
            self._ahead += data

    async def _until(self, end: bytes) -> bytes:
        while end not in self._ahead:
            await self._more()
        head, _, self._ahead = self._ahead.partition(end)
        return head

    async def _exactly(self, count: int) -> bytes:
        while len(self._ahead) < count:
            await self._more()
        data, self._ahead = self._ahead[:count], self._ahead[count:]
        return data

    async def _chunked(self) -> bytes:
        body = b""
        while size := int((await self._until(b"\r\n")).partition(b";")[0], 16):
            body += await self._exactly(size)
            await self._exactly(2)
        await self._until(b"\r\n")
        return body

    async def _more(self) -> None:
        data = await self._stream.read(65536)
        if not data:
            raise Closed
        self._ahead += data


class Answer:
    """One response, with the request's faults applied where they belong."""

    def __init__(self, writer: asyncio.StreamWriter, settings: RequestSettings, server_name: str, keep_alive: bool):
        self._writer, self._settings, self._server, self._keep_alive = writer, settings, server_name, keep_alive
        self._events = 0
        self.status = 0

    async def whole(
        self, status: int, body: bytes, content_type: str = "application/json", headers: tuple = ()
    ) -> None:
        length = max(0, len(body) + self._settings.length)
        await self._head(status, (("content-length", str(length)), ("content-type", content_type), *headers))
        await self._write(body)
        if self._settings.length or not self._keep_alive:
            raise Closed

    async def json(self, status: int, value, headers: tuple = ()) -> None:
        await self.whole(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), headers=headers)

    async def begin_stream(self, content_type: str = "text/event-stream; charset=utf-8") -> None:
        await self._head(200, (("content-type", content_type), ("transfer-encoding", "chunked")))

    async def event(self, value) -> None:
        """One server-sent event, in one chunk and one write, as uvicorn does. `value` is JSON, or text as it is."""
        settings, text = (
            self._settings,
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        )
        mine = self._events == settings.at
        self._events += 1
        end = "\r\n" if settings.crlf else "\n"
        comment = f": stand-in ping{end}{end}" if settings.comments else ""
        if mine:
            await self._faults("before_event")
            if settings.garbage == "mid_event":
                text = '{"choices":[{"delta":{"content":"\udcff\udcfe'
        data = f"{comment}data: {text}{end}{end}".encode("utf-8", "surrogateescape")
        if mine:
            await self._broken_event(data)
        await self.chunk(data)

    async def chunk(self, data: bytes) -> None:
        await self._write(b"%x\r\n%b\r\n" % (len(data), data))

    async def end_stream(self) -> None:
        await self._write(b"0\r\n\r\n")
        if not self._keep_alive:
            raise Closed

    async def _head(self, status: int, headers: tuple) -> None:
        self.status = status
        await self._faults("before_head")
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", f"server: {self._server}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if not self._keep_alive:
            lines.append("connection: close")
        await self._write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await self._faults("after_head")

    async def _broken_event(self, data: bytes) -> None:
        """Sends a part of the event and breaks there, when a fault lies inside of it."""
        settings = self._settings
        for place, cut_at in (("mid_event", len(data) // 2), ("mid_utf8", _inside_a_character(data))):
            if place in (settings.cut, settings.crash, settings.stall):
                await self.chunk(data[:cut_at])
                await self._faults(place)
        if "mid_chunk" in (settings.cut, settings.crash, settings.stall):
            await self._write(b"%x\r\n%b" % (len(data), data[: len(data) // 2]))
            await self._faults("mid_chunk")

    async def _faults(self, place: str) -> None:
        settings = self._settings
        if settings.garbage == place:
            await self._write(b"\x00\x01\x02 this is no HTTP \xff\xfe\r\n" * 4)
            raise Closed
        if settings.stall == place:
            await asyncio.sleep(3600)
        if settings.crash == place:
            await self._write(b"")
            os._exit(139)
        if settings.cut == place:
            if settings.reset:
                self._writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                self._writer.transport.abort()
            raise Closed

    async def _write(self, data: bytes) -> None:
        size = self._settings.split or len(data) or 1
        for start in range(0, len(data), size):
            if self._writer.transport.is_closing():
                raise ClientLeft
            self._writer.write(data[start : start + size])
            try:
                await self._writer.drain()
            except ConnectionError:
                raise ClientLeft from None
            if self._settings.split:
                await asyncio.sleep(0)


def _inside_a_character(data: bytes) -> int:
    """A position between two bytes of one UTF-8 character, or the middle when all is ASCII."""
    return next((index for index in range(1, len(data)) if data[index] & 0xC0 == 0x80), len(data) // 2)
