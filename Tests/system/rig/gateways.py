"""The built Gateway alone, between a Manager and engines that a test plays byte for byte."""

import hashlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import installations, processes
from .api import free_port
from .waiting import wait_until

KEY = "ik_live_0a1b2c3d_" + "5e" * 32
_MANAGER = "ik_gtw_abcdef01_" + "9c" * 32
PATH = "/endpoint/acme/chat/v1/chat/completions"

Script = Callable[["Exchange"], None]


class Listener:
    """A socket on loopback whose every connection is handled by a thread of its own."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(client,), daemon=True).start()

    def _run(self, client: socket.socket) -> None:
        with client:
            try:
                self.serve(client)
            except OSError:
                pass

    def serve(self, client: socket.socket) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self.socket.close()


class Reader:
    """Takes whole requests from a connection: by Content-Length or by chunks, as a strict reader of HTTP/1.1 would."""

    def __init__(self, client: socket.socket):
        self.client = client
        self.bytes = b""

    def request(self) -> tuple[bytes, bytes] | None:
        while b"\r\n\r\n" not in self.bytes:
            if not self._more():
                return None
        head, _, self.bytes = self.bytes.partition(b"\r\n\r\n")
        fields = [line.split(b":", 1) for line in head.split(b"\r\n")[1:]]
        lengths = [value.strip() for name, value in fields if name.lower() == b"content-length"]
        length = int(lengths[0]) if lengths else 0
        while len(self.bytes) < length:
            if not self._more():
                return None
        body, self.bytes = self.bytes[:length], self.bytes[length:]
        return head, body

    def _more(self) -> bool:
        piece = self.client.recv(1 << 16)
        self.bytes += piece
        return bool(piece)


class Exchange:
    """One request that reached an engine, and its connection to answer on."""

    def __init__(self, engine: "Engine", client: socket.socket, head: bytes, body: bytes):
        self.engine, self.client, self.head, self.body = engine, client, head, body

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n")[0]

    def send(self, content: bytes) -> None:
        self.client.sendall(content)

    def answer(self, body: bytes = b"{}", status: str = "200 OK") -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.send(head.encode() + body)

    def start_stream(self) -> None:
        self.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")

    def event(self, data: str) -> None:
        self.send(chunk(f"data: {data}\n\n".encode()))

    def close(self, reset: bool = False) -> None:
        if reset:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        else:
            self.client.shutdown(socket.SHUT_RDWR)
        self.client.close()

    def until_left(self) -> None:
        """Returns when the Gateway has closed the connection."""
        while self.client.recv(1 << 16):
            pass


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


class Engine(Listener):
    """Records every request byte for byte, and answers as its script says."""

    def __init__(self, script: Script = Exchange.answer):
        self.script = script
        self.requests: list[tuple[bytes, bytes]] = []
        self.left_over = b""  # bytes behind a request that are no whole request
        self.open = 0
        self._lock = threading.Lock()
        super().__init__()

    def serve(self, client: socket.socket) -> None:
        self._count(1)
        reader = Reader(client)
        try:
            while request := reader.request():
                self.requests.append(request)
                self.script(Exchange(self, client, *request))
            self.left_over += reader.bytes
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self.open += more


class Manager(Listener):
    """The two routes of a Manager that a Gateway knows; anything else is recorded and answered."""

    def __init__(self, tables: dict):
        self.tables = tables
        self.others: list[bytes] = []
        super().__init__()

    def serve(self, client: socket.socket) -> None:
        reader = Reader(client)
        while request := reader.request():
            path = request[0].split(b" ")[1]
            if path == b"/api/gateway/feed":
                client.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                    + chunk(f"data: {json.dumps(self.tables)}\n\n".encode())
                )
                while client.recv(1 << 16):
                    pass
                return
            if path != b"/api/gateway/report":
                self.others.append(request[0] + b"\r\n\r\n" + request[1])
            client.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")


def tables(engines: list[Engine], **endpoint) -> dict:
    upstreams = [
        {"replica_id": f"rp_{each.port}", "host": "127.0.0.1", "port": each.port, "served_name": "tiny"}
        for each in engines
    ]
    home = {"tenant_id": "tn_1", "project_id": "pr_1", "project_slug": "acme"}
    route = {"workload_slug": "chat", "task_type": "text2text", "model_name": "tiny", "upstreams": upstreams}
    secret = KEY.rpartition("_")[2]
    key = {"id": KEY.split("_")[2], "hash": hashlib.sha256(secret.encode()).hexdigest(), "grants": ["*"]}
    return {"version": 1, "endpoints": [{**home, **route, **endpoint}], "keys": [{**home, **key}]}


class BuiltGateway:
    """`ik gateway` as a process, with a Manager and engines of the test's own."""

    def __init__(self, folder: Path, engines: list[Engine], *options: str, manager: Manager | None = None):
        folder.mkdir(parents=True, exist_ok=True)
        self.engines = engines
        self.manager = manager or Manager(tables(engines))
        self.port = free_port()
        credential = folder / "gateway.credential"
        credential.touch(0o600)
        credential.write_text(_MANAGER)
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
        arguments = ["gateway", "--data", str(folder / "data"), "--listen", f"127.0.0.1:{self.port}"]
        arguments += ["--manager", f"http://127.0.0.1:{self.manager.port}", "--credential-file", str(credential)]
        self.role = installations.Role("gateway", [*arguments, *options], environment, folder)

    @property
    def pid(self) -> int:
        return self.role.pid

    def start(self) -> "BuiltGateway":
        self.role.start()
        return self

    def connect(self, seconds: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def exchange(self, request: bytes) -> bytes:
        """All that is answered to these bytes until the Gateway closes."""
        with self.connect() as client:
            client.sendall(request)
            content = b""
            try:
                while piece := client.recv(1 << 16):
                    content += piece
            except ConnectionResetError:
                pass
            return content

    def stop(self) -> None:
        self.role.kill()
        self.manager.stop()
        for engine in self.engines:
            engine.stop()


@contextmanager
def gateway(folder: Path, *engines: Engine, options: tuple[str, ...] = ()) -> Iterator[BuiltGateway]:
    built = BuiltGateway(folder, list(engines), *options)
    try:
        yield built.start()
    finally:
        built.stop()


def post(body: bytes = b'{"model":"tiny","messages":[]}', path: str = PATH, more: str = "", framing: str = "") -> bytes:
    """A chat request with the key, whose framing a test may write itself."""
    framing = framing or f"content-length: {len(body)}\r\n"
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\n"
    return (head + more + framing + "\r\n").encode() + body


def dechunk(content: bytes) -> bytes:
    """The payload of a chunked body, which must be whole and well formed."""
    payload, position = [], 0
    while True:
        end = content.index(b"\r\n", position)
        size = int(content[position:end], 16)
        if size == 0:
            assert content[end:] == b"\r\n\r\n", content[end : end + 100]
            return b"".join(payload)
        payload.append(content[end + 2 : end + 2 + size])
        assert content[end + 2 + size : end + 4 + size] == b"\r\n"
        position = end + 4 + size


def answers(content: bytes) -> list[tuple[int, bytes]]:
    """Status and payload of each answer in the bytes of one connection; the last may last until the end."""
    found = []
    while content:
        head, separator, content = content.partition(b"\r\n\r\n")
        assert separator, head[:200]
        status = int(head.split(b" ")[1])
        lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        fields = {name.strip().lower(): value.strip() for name, _, value in lines}
        if fields.get(b"transfer-encoding") == b"chunked":
            # The last answer of a test's connection: what is behind it is an error.
            found.append((status, dechunk(content)))
            return found
        length = int(fields.get(b"content-length", b"0"))
        found.append((status, content[:length]))
        content = content[length:]
    return found
