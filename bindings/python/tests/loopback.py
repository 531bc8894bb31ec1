"""A small HTTP server on a loopback port that does what a test's script tells it, and keeps what it was asked."""

import json
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Optional


@dataclass
class Request:
    method: str
    target: str
    headers: dict
    body: bytes
    connection: int
    wire: bytes = field(repr=False, default=b"")

    def json(self) -> Any:
        return json.loads(self.body)


class Reply:
    """One connection, as the script writes to it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body: bytes, status: int = 200, kind: str = "application/json", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def json(self, value: Any, status: int = 200, *headers: str) -> None:
        self.answer(json.dumps(value).encode(), status, "application/json", *headers)

    def open_events(self) -> None:
        self.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")

    def chunk(self, data: bytes) -> None:
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def event(self, value: Any) -> None:
        self.chunk(b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n")

    def end(self) -> None:
        self.chunk(b"")

    def close(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def wait_closed(self, timeout: float = 10) -> bool:
        """Whether the other side closes the connection in time."""
        self.connection.settimeout(timeout)
        try:
            while self.connection.recv(4096):
                pass
            return True
        except ConnectionError:
            return True
        except OSError:
            return False


Script = Callable[[Request, Reply], None]


class LoopbackServer:
    def __init__(self, script: Optional[Script] = None, tls: Optional[ssl.SSLContext] = None) -> None:
        self._tls = tls
        self.script: Script = script or (lambda request, reply: reply.json({}))
        self.requests: list[Request] = []
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"https://localhost:{self.port}" if tls else f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection, self.accepted - 1), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        buffer = b""
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = connection.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                method, target, _ = lines[0].split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
                length = int(headers.get("content-length", 0))
                while len(buffer) < length:
                    buffer += connection.recv(65536)
                body, buffer = buffer[:length], buffer[length:]
                request = Request(method, target, headers, body, number, head + b"\r\n\r\n" + body)
                self.requests.append(request)
                self.script(request, Reply(connection))
        except OSError:
            pass
        finally:
            connection.close()
