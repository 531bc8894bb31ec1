"""Answers every POST with 1 KB, or, where the body asks for a stream, with 200 events. Its own process; prints its port."""

import json
import socket
import threading

CHOICE = {"index": 0, "message": {"role": "assistant", "content": "x" * 760}, "finish_reason": "stop"}
ANSWER = json.dumps(
    {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE],
        "usage": {"prompt_tokens": 3, "completion_tokens": 200, "total_tokens": 203},
    }
).encode()  # fmt: skip
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(ANSWER) + ANSWER
EVENTS = 200


def event(delta: dict, finish: "str | None" = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    text = b"data: " + json.dumps(data).encode() + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(text), text)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PIECES = [event({"content": "token "}) for _ in range(EVENTS - 1)] + [event({}, "stop")]
END = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


def serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            data = connection.recv(65536)
            if not data:
                return
            buffer += data
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while len(buffer) < length:
            buffer += connection.recv(65536)
        body, buffer = buffer[:length], buffer[length:]
        if b'"stream":true' in body.replace(b" ", b""):
            connection.sendall(HEAD)
            # Ten events a packet, as an engine under load sends them.
            for start in range(0, EVENTS, 10):
                connection.sendall(b"".join(PIECES[start : start + 10]))
            connection.sendall(END)
        else:
            connection.sendall(WHOLE)


listener = socket.create_server(("127.0.0.1", 0), backlog=256)
print(listener.getsockname()[1], flush=True)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
