"""What the engine streams is what the client gets: every byte, in whatever pieces it comes."""

import os
import random
import socket

from rig.gateways import Engine, Exchange, dechunk, chunk, gateway, post

EVENTS = int(os.environ.get("IK_TEST_EVENTS", "1000000"))
SEED = 20260101


def stream(count: int) -> tuple[bytes, bytes]:
    """Events in chunks of an engine's making, and what they hold."""
    random_source = random.Random(SEED)
    words = ["x", "héllo", "😀", " ", '\\"', "data: ", "\\n\\n", "[DONE]", "数据" * 3, "y" * 300]
    framed, plain, waiting = [], [], []
    for index in range(count):
        word = random_source.choice(words)
        event = f'data: {{"id":{index},"choices":[{{"delta":{{"content":"{word}"}}}}]}}\n\n'.encode()
        if index % 997 == 0:
            event = b": ping\n\n" + event
        plain.append(event)
        waiting.append(event)
        # Mostly an event a chunk; at times several, at times one that is cut in the middle of a character.
        kind = random_source.random()
        if kind < 0.1 and index + 1 < count:
            continue
        content = b"".join(waiting)
        waiting = []
        if kind > 0.95:
            cut = random_source.randrange(1, len(content))
            framed += [chunk(content[:cut]), chunk(content[cut:])]
        else:
            framed.append(chunk(content))
    plain.append(b"data: [DONE]\n\n")
    framed.append(chunk(plain[-1]))
    return b"".join(framed) + b"0\r\n\r\n", b"".join(plain)


def read_to_end(client: socket.socket, length: int) -> bytes:
    pieces, taken, tail = [], 0, b""
    while not tail.endswith(b"\r\n0\r\n\r\n"):
        piece = client.recv(1 << 20)
        assert piece, f"cut after {taken} of about {length} bytes"
        pieces.append(piece)
        taken += len(piece)
        tail = (tail + piece)[-7:]
    return b"".join(pieces)


def test_a_long_stream_is_passed_on_byte_for_byte(tmp_path):
    framed, plain = stream(EVENTS)

    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        random_source, position = random.Random(SEED + 1), 0
        while position < len(framed):
            size = random_source.choice([1, 3, 100, 1400, 16_384, 65_536, 262_144])
            exchange.send(framed[position : position + size])
            position += size

    with gateway(tmp_path / "exact", Engine(script)) as built, built.connect(120) as client:
        client.sendall(post(b'{"model":"tiny","stream":true}'))
        head, _, body = read_to_end(client, len(framed)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200") and b"text/event-stream" in head
        assert dechunk(body) == plain
        # The connection is as good as new.
        client.sendall(post(b'{"model":"other"}'))
        assert client.recv(4096).startswith(b"HTTP/1.1 404")
    print(f"{EVENTS} events, {len(plain) >> 20} MiB")
