"""Requests as bytes on a socket: what no well-behaved client sends."""

import json
import socket


def head(method: str, path: str, credential: str | None = None, length: int | None = None, more: str = "") -> bytes:
    """A request's head with its blank line."""
    lines = [f"{method} {path} HTTP/1.1", "host: x"]
    if credential:
        lines.append(f"authorization: Bearer {credential}")
    if length is not None:
        lines += ["content-type: application/json", f"content-length: {length}"]
    return ("\r\n".join(lines) + "\r\n" + more + "\r\n").encode()


def post(path: str, credential: str, body: dict) -> bytes:
    content = json.dumps(body).encode()
    return head("POST", path, credential, len(content)) + content


def connect(port: int, seconds: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), seconds)


def read_all(client: socket.socket) -> bytes:
    content = b""
    while piece := client.recv(65536):
        content += piece
    return content
