"""HTTP/2 for clients: curl and httpx as they are, and clients that break the protocol on purpose."""

import collections
import contextlib
import json
import socket
import ssl
import subprocess
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import httpx
import pytest

from rig import certificates, processes
from rig.gateways import KEY, PATH, Engine, Exchange, gateway
from rig.waiting import wait_until

BODY = {"model": "tiny", "stream": True}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return certificates.make(tmp_path_factory.mktemp("certificates"))


def options(pair) -> tuple[str, ...]:
    return "--tls-certificate", str(pair[0]), "--tls-key", str(pair[1])


@pytest.fixture
def serve(tmp_path, pair):
    """Starts a Gateway whose engine follows a script."""
    with contextlib.ExitStack() as stack:
        yield lambda script: stack.enter_context(gateway(tmp_path / "g", Engine(script), options=options(pair)))


def client(built, pair, **more) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(pair[0]))
    headers = {"authorization": f"Bearer {KEY}"}
    return httpx.Client(
        base_url=f"https://localhost:{built.port}", http2=True, verify=context, headers=headers, trust_env=False,
        timeout=20, **more,
    )  # fmt: skip


def events(*data: str):
    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        for each in data:
            exchange.event(each)
        exchange.send(b"0\r\n\r\n")

    return script


def test_curl_speaks_http2(serve, pair):
    built = serve(Exchange.answer)
    command = ["curl", "-sS", "--http2", "--cacert", str(pair[0]), "-w", "\n%{http_version} %{response_code}"]
    command += ["-H", f"authorization: Bearer {KEY}", "-H", "content-type: application/json", "-H", "cookie: a=b"]
    command += ["-d", '{"model":"tiny"}']
    told = subprocess.run(
        [*command, f"https://localhost:{built.port}{PATH}"], capture_output=True, text=True, timeout=30
    )
    assert told.stdout == "{}\n2 200", told
    # Without ALPN, and by request, HTTP/1.1 is spoken.
    told = subprocess.run(
        [*command, "--http1.1", f"https://localhost:{built.port}{PATH}"], capture_output=True, text=True, timeout=30
    )
    assert told.stdout == "{}\n1.1 200", told
    head, body = built.engines[0].requests[0]
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n") and body == b'{"model":"tiny"}'
    assert b"content-length: 16" in head and b"transfer-encoding" not in head and KEY.encode() not in head


def test_streams_arrive_as_they_come_side_by_side_on_one_connection(serve, pair):
    goes_on = threading.Event()

    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.event("1")
        goes_on.wait(20)
        exchange.event("[DONE]")
        exchange.send(b"0\r\n\r\n")

    built = serve(script)
    with client(built, pair) as http:
        with http.stream("POST", PATH, json=BODY) as one, http.stream("POST", PATH, json=BODY) as two:
            assert one.http_version == two.http_version == "HTTP/2"
            assert one.headers["content-type"] == "text/event-stream" and one.headers["x-request-id"].startswith("req_")
            assert "transfer-encoding" not in one.headers and "connection" not in one.headers
            lines_one, lines_two = one.iter_lines(), two.iter_lines()
            assert next(lines_one) == next(lines_two) == "data: 1"
            goes_on.set()
            assert [line for line in lines_one if line] == [line for line in lines_two if line] == ["data: [DONE]"]
        answer = http.post(PATH, json={"model": "other"})
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "model_not_found"
        assert http.get("/api/anything").status_code == 200, "the control plane too"


def test_large_bodies_go_both_ways_whole(serve, pair):
    answer = json.dumps({"text": "é" * (3 << 20)}, ensure_ascii=False).encode()
    built = serve(lambda exchange: exchange.answer(answer))
    with client(built, pair) as http:
        for content in (b'{"model":"tiny","x":"' + b"y" * (4 << 20) + b'"}', b'{"model":"tiny"}'):
            # Once with its length, once without.
            for body in (content, iter([content[:10], content[10:]])):
                got = http.post(PATH, content=body, headers={"content-type": "application/json"})
                assert got.status_code == 200 and got.content == answer
                assert built.engines[0].requests[-1][1] == content
        assert http.head("/readyz").status_code == 200


def test_a_stream_that_is_reset_closes_the_engines_connection_and_no_other(serve, pair):
    left, goes_on = threading.Event(), threading.Event()

    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.event("1")
        if b"leaves" in exchange.body:
            exchange.until_left()
            left.set()
        else:
            goes_on.wait(20)
            exchange.event("[DONE]")
            exchange.send(b"0\r\n\r\n")

    built = serve(script)
    wire = Wire(built, pair)
    stays = wire.request(body=b'{"model":"tiny"}')
    leaves = wire.request(body=b'{"model":"tiny","user":"leaves"}')
    for stream in (stays, leaves):
        if not wire.data[stream]:
            wire.until(lambda event, stream=stream: bool(wire.data[stream]))
    wire.h2.reset_stream(leaves)
    wire.flush()
    assert left.wait(30), "the engine is told"
    goes_on.set()
    assert wire.outcome(stays) == "200" and b"data: [DONE]" in wire.data[stays]


def test_an_engine_that_dies_in_a_stream_is_told_in_it_and_the_connection_lives(serve, pair):
    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.event("1")
        exchange.send(b'20\r\ndata: {"half')
        exchange.close()

    built = serve(script)
    with client(built, pair) as http:
        for _ in range(2):
            with http.stream("POST", PATH, json=BODY) as answer:
                text = answer.read().decode()
            assert text.startswith('data: 1\n\ndata: {"error":') and "[DONE]" not in text


def test_a_slow_reader_holds_back_its_own_stream_only(serve, pair):
    sent = []

    def script(exchange: Exchange) -> None:
        if b"slow" not in exchange.body:
            return exchange.answer()
        exchange.start_stream()
        for _ in range(4096):
            exchange.event("x" * 16_384)
            sent.append(1)
        return None

    built = serve(script)
    before = processes.resident_bytes(built.pid)
    with client(built, pair) as http, http.stream("POST", PATH, json={**BODY, "user": "slow"}) as slow:
        pieces = slow.iter_raw()
        next(pieces)
        last = [-1]

        def stands_still() -> bool:
            still, last[0] = len(sent) == last[0], len(sent)
            return still

        wait_until(stands_still, 20, "the engine is held back", pause_s=0.5)
        assert len(sent) < 2048 and processes.resident_bytes(built.pid) - before < 24 << 20
        with client(built, pair) as other:
            assert other.post(PATH, json={"model": "tiny"}).status_code == 200


# --- Clients that break the protocol. --------------------------------------------------------------------------------


class Wire:
    """An HTTP/2 connection whose frames a test writes itself."""

    def __init__(self, built, pair):
        context = ssl.create_default_context(cafile=str(pair[0]))
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", built.port), 10)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        settings = h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(settings)
        self.h2.initiate_connection()
        self.data: dict[int, bytes] = collections.defaultdict(bytes)
        self.heads: dict[int, dict] = {}
        self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def request(self, *more: tuple[str, str], path: str = PATH, method: str = "POST", body: bytes = b"{}") -> int:
        stream = self.h2.get_next_available_stream_id()
        headers = [(":method", method), (":path", path), (":authority", "localhost"), (":scheme", "https")]
        headers += [("authorization", f"Bearer {KEY}"), ("content-type", "application/json"), *more]
        self.h2.send_headers(stream, headers)
        self.h2.send_data(stream, body, end_stream=True)
        self.flush()
        return stream

    def until(self, wanted) -> list[h2.events.Event]:
        """Everything that happens up to a wanted event, or to the end of the connection."""
        seen: list[h2.events.Event] = []
        while not any(wanted(each) for each in seen):
            try:
                content = self.socket.recv(1 << 16)
            except OSError:
                content = b""
            if not content:
                return [*seen, h2.events.ConnectionTerminated()]
            for event in self.h2.receive_data(content):
                seen.append(event)
                if isinstance(event, h2.events.DataReceived):
                    self.data[event.stream_id] += event.data
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if isinstance(event, h2.events.ResponseReceived):
                    self.heads[event.stream_id] = dict(event.headers)
            # The other side may be gone: what it said before is read all the same.
            with contextlib.suppress(OSError):
                self.flush()
        return seen

    def outcome(self, stream: int) -> str:
        """The status of the answer, or how else it went."""

        def ends(event) -> bool:
            named = getattr(event, "stream_id", None) == stream
            kinds = (h2.events.StreamEnded, h2.events.StreamReset)
            return named and isinstance(event, kinds) or isinstance(event, h2.events.ConnectionTerminated)

        seen = self.until(ends)
        if stream in self.heads:
            return self.heads[stream][b":status"].decode()
        return "terminated" if isinstance(seen[-1], h2.events.ConnectionTerminated) else "reset"


SMUGGLED = [
    {"path": PATH + " HTTP/1.1\r\nx: y\r\n\r\nGET /hidden"},
    {"path": PATH + "\r\nx: y"},
    {"path": PATH + " x"},
    {"path": "https://localhost" + PATH},
    {"path": ""},
    {"path": "/endpoint/acme/chat/v1/../hidden"},
    {"path": "/endpoint/acme/chat/v1/%2e%2e/hidden"},
    {"method": "POST /hidden HTTP/1.1\r\nx: y"},
    {"method": "CONNECT"},
    {"more": [("x", "y\r\nhidden: z")]},
    {"more": [("x", "y\nhidden: z")]},
    {"more": [("x\r\nhidden", "z")]},
    {"more": [("X-Upper", "z")]},
    {"more": [("x y", "z")]},
    {"more": [("", "z")]},
    {"more": [("transfer-encoding", "chunked")]},
    {"more": [("connection", "close")]},
    {"more": [("content-length", "1")]},
    {"more": [("content-length", "2"), ("content-length", "3")]},
    {"more": [("content-length", "+2")]},
    {"more": [("host", "elsewhere")]},
    {"more": [(":path", "/hidden")]},
    {"more": [("authorization", "Bearer x")]},
]


@pytest.mark.parametrize("case", SMUGGLED, ids=[str(case)[:60] for case in SMUGGLED])
def test_nothing_hidden_in_a_header_list_comes_out_as_http1(serve, pair, case):
    built = serve(Exchange.answer)
    wire = Wire(built, pair)
    case = dict(case)
    outcome = wire.outcome(wire.request(*case.pop("more", []), **case))
    assert outcome in ("400", "404", "405", "reset", "terminated"), outcome
    assert not built.engines[0].requests and not built.manager.others
    # Whatever became of that connection, a new one is served.
    fresh = Wire(built, pair)
    assert fresh.outcome(fresh.request(body=b'{"model":"tiny"}')) == "200"


def test_one_bad_stream_leaves_the_others_of_its_connection_alone(serve, pair):
    built = serve(Exchange.answer)
    wire = Wire(built, pair)
    assert wire.outcome(wire.request(("x", "y\0z"))) in ("400", "reset")
    assert wire.outcome(wire.request(body=b'{"model":"tiny"}')) == "200"


def test_too_many_headers_are_431_or_the_end(serve, pair):
    built = serve(Exchange.answer)
    wire = Wire(built, pair)
    # Before the Gateway's settings are known, a list may be no longer than the protocol's usual.
    wire.until(lambda event: isinstance(event, h2.events.RemoteSettingsChanged))
    assert wire.outcome(wire.request(*[(f"x-{i}", "y" * 1000) for i in range(80)])) == "431"
    assert wire.outcome(wire.request(body=b'{"model":"tiny"}')) == "200"
    wire = Wire(built, pair)
    try:
        assert wire.outcome(wire.request(*[(f"x-{i}", "y" * 1000) for i in range(400)])) == "terminated"
    except OSError:
        pass  # ended before all of it was sent
    assert built.role.is_running


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + content


def headers_without_end(wire: Wire) -> bytes:
    return frame(0x1, 0, 1, wire.h2.encoder.encode([(":method", "GET")]))


FLOODS = {
    "CONTINUATION": lambda wire: headers_without_end(wire) + frame(0x9, 0, 1, b"") * 10_000,
    "PING": lambda wire: frame(0x6, 0, 0, b"12345678") * 10_000,
    "SETTINGS": lambda wire: frame(0x4, 0, 0, b"") * 10_000,
    "PRIORITY": lambda wire: b"".join(frame(0x2, 0, 2 * i + 1, b"\0\0\0\0\x10") for i in range(10_000)),
    "empty DATA": lambda wire: frame(0x0, 0, 1, b"") * 10_000,
    "an unknown frame of 16 MiB": lambda wire: b"\xff\xff\xff\x7f\0\0\0\0\0" + b"x" * 100_000,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_of_frames_ends_the_connection_and_nothing_else(serve, pair, flood):
    built = serve(Exchange.answer)
    wire = Wire(built, pair)
    if flood is FLOODS["empty DATA"]:
        headers = [(":method", "POST"), (":path", PATH), (":authority", "localhost"), (":scheme", "https")]
        wire.h2.send_headers(1, headers)
        wire.flush()
    try:
        wire.socket.sendall(flood(wire))
    except OSError:
        pass
    assert isinstance(wire.until(lambda event: isinstance(event, h2.events.ConnectionTerminated))[-1],
                      h2.events.ConnectionTerminated)  # fmt: skip
    fresh = Wire(built, pair)
    assert fresh.outcome(fresh.request(body=b'{"model":"tiny"}')) == "200"
    assert processes.resident_bytes(built.pid) < 200 << 20


def test_rapid_resets_end_the_connection_and_what_it_asked_of_the_engine(serve, pair):
    built = serve(lambda exchange: exchange.until_left())
    wire = Wire(built, pair)
    try:
        for _ in range(5000):
            stream = wire.request(body=b'{"model":"tiny"}')
            wire.h2.reset_stream(stream)
            wire.flush()
    except (OSError, h2.exceptions.ProtocolError):
        pass
    seen = wire.until(lambda event: isinstance(event, h2.events.ConnectionTerminated))
    assert isinstance(seen[-1], h2.events.ConnectionTerminated)
    wait_until(lambda: built.engines[0].open == 0, 5, "every connection to the engine is closed")
    assert len(built.engines[0].requests) < 2000


def test_more_streams_than_allowed_are_refused_and_the_rest_go_on(serve, pair):
    goes_on = threading.Event()

    def script(exchange: Exchange) -> None:
        goes_on.wait(20)
        exchange.answer()

    built = serve(script)
    wire = Wire(built, pair)
    wire.until(lambda event: isinstance(event, h2.events.RemoteSettingsChanged))
    assert wire.h2.remote_settings.max_concurrent_streams == 128
    # What the client should have kept to itself.
    wire.h2.remote_settings.update({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1000})
    wire.h2.remote_settings.acknowledge()
    streams = [wire.request(body=b'{"model":"tiny"}') for _ in range(130)]
    goes_on.set()
    outcomes = []
    try:
        outcomes = [wire.outcome(stream) for stream in streams[:1]]
    finally:
        assert outcomes in (["200"], ["terminated"]), outcomes
    fresh = Wire(built, pair)
    assert fresh.outcome(fresh.request(body=b'{"model":"tiny"}')) == "200"


def test_a_shutdown_tells_the_client_and_lets_streams_finish(serve, pair):
    goes_on = threading.Event()

    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.event("1")
        goes_on.wait(20)
        exchange.event("[DONE]")
        exchange.send(b"0\r\n\r\n")

    built = serve(script)
    idle, busy = Wire(built, pair), Wire(built, pair)
    stream = busy.request(body=b'{"model":"tiny","stream":true}')
    busy.until(lambda event: isinstance(event, h2.events.DataReceived))
    built.role.terminate()
    terminated = idle.until(lambda event: isinstance(event, h2.events.ConnectionTerminated))
    assert terminated[-1].error_code in (h2.errors.ErrorCodes.NO_ERROR, None)
    goes_on.set()
    assert busy.outcome(stream) == "200" and b"[DONE]" in busy.data[stream]
    busy.until(lambda event: isinstance(event, h2.events.ConnectionTerminated))
    assert built.role.ended(25) == 0


def test_a_shutdown_waits_for_what_a_client_has_still_to_take(serve, pair):
    content, sent = b"x" * 80_000, threading.Event()

    def script(exchange: Exchange) -> None:
        length = str(len(content)).encode()
        exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + length + b"\r\n\r\n")
        exchange.send(content)
        sent.set()

    built = serve(script)
    idle, slow = Wire(built, pair), Wire(built, pair)
    stream = slow.request(body=b'{"model":"tiny"}')
    # It has a window of 65,535 bytes, and does not read what comes.
    assert sent.wait(10)
    built.role.terminate()
    idle.until(lambda event: isinstance(event, h2.events.ConnectionTerminated))
    assert slow.outcome(stream) == "200" and slow.data[stream] == content
    assert built.role.ended(25) == 0
