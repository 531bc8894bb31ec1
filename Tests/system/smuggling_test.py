"""Requests that two readers could take for two different things: the Gateway refuses them, and no engine and no Manager
ever sees a request that was not meant for it."""

import pytest

from rig.gateways import KEY, PATH, Engine, answers, gateway, post

HIDDEN = f"GET /endpoint/acme/chat/v1/models?hidden HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n\r\n".encode()
BODY = b'{"model":"tiny"}'


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("smuggling"), Engine()) as built:
        yield built


def framed(framing: str, body: bytes) -> bytes:
    return post(body, framing=framing)


CHUNKED = "transfer-encoding: chunked\r\n"
ENDED = b"0\r\n\r\n"
AMBIGUOUS = {
    "CL.TE": framed(f"content-length: {5 + len(HIDDEN)}\r\n{CHUNKED}", ENDED + HIDDEN),
    "TE.CL": framed(f"{CHUNKED}content-length: 5\r\n", ENDED + HIDDEN),
    "TE twice": framed(CHUNKED + "transfer-encoding: identity\r\n", ENDED + HIDDEN),
    "TE list": framed("transfer-encoding: gzip, chunked\r\n", ENDED + HIDDEN),
    "TE list, chunked first": framed("transfer-encoding: chunked, identity\r\n", ENDED + HIDDEN),
    "TE of another name": framed("transfer-encoding: xchunked\r\n", ENDED + HIDDEN),
    "TE with a space before the colon": framed("transfer-encoding : chunked\r\n", ENDED + HIDDEN),
    "TE behind a vertical tab": framed("transfer-encoding: \x0bchunked\r\n", ENDED + HIDDEN),
    "TE in quotes": framed('transfer-encoding: "chunked"\r\n', ENDED + HIDDEN),
    "TE folded": framed("transfer-encoding:\r\n chunked\r\n", ENDED + HIDDEN),
    "TE behind a folded field": framed("x: y\r\n transfer-encoding: chunked\r\n", ENDED + HIDDEN),
    "TE behind a bare LF": framed("x: y\ntransfer-encoding: chunked\r\n", ENDED + HIDDEN),
    "TE behind a bare CR": framed("x: y\rtransfer-encoding: chunked\r\n", ENDED + HIDDEN),
    "TE with a NUL": framed("transfer-encoding: chunked\0\r\n", ENDED + HIDDEN),
    "TE empty": framed("transfer-encoding:\r\n", HIDDEN),
    "CL twice, the same": framed("content-length: 16\r\ncontent-length: 16\r\n", BODY + HIDDEN),
    "CL twice, different": framed("content-length: 0\r\ncontent-length: 16\r\n", BODY + HIDDEN),
    "CL list": framed("content-length: 16, 16\r\n", BODY + HIDDEN),
    "CL with a sign": framed("content-length: +16\r\n", BODY + HIDDEN),
    "CL negative": framed("content-length: -1\r\n", BODY + HIDDEN),
    "CL hexadecimal": framed("content-length: 0x10\r\n", BODY + HIDDEN),
    "CL with a space inside": framed("content-length: 1 6\r\n", BODY + HIDDEN),
    "CL beyond 64 bits": framed("content-length: 18446744073709551632\r\n", BODY + HIDDEN),
    "CL empty": framed("content-length:\r\n", HIDDEN),
    "CL with a space before the colon": framed("content-length : 16\r\n", BODY + HIDDEN),
    "a line without a colon": framed("content-length: 16\r\nhidden\r\n", BODY + HIDDEN),
    "a name with a space": framed("content-length: 16\r\nx y: z\r\n", BODY + HIDDEN),
    "an empty name": framed("content-length: 16\r\n: z\r\n", BODY + HIDDEN),
    "obs-fold": framed("content-length: 16\r\nx: y\r\n\tz\r\n", BODY + HIDDEN),
    "a head that ends in bare LFs": post(BODY, framing="content-length: 16\n\n")[:-2] + HIDDEN,
    "a chunk extension": framed(CHUNKED, b"10;a=b\r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a chunk size with a space": framed(CHUNKED, b"10 \r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a chunk size with 0x": framed(CHUNKED, b"0x10\r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a chunk size with a sign": framed(CHUNKED, b"+10\r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "an empty chunk size": framed(CHUNKED, b"\r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a chunk size that overflows": framed(CHUNKED, b"10000000000000010\r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a chunk size before a bare LF": framed(CHUNKED, b"10\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a chunk before a bare LF": framed(CHUNKED, b"10\r\n" + BODY + b"\n" + ENDED + HIDDEN),
    "a chunk longer than its size": framed(CHUNKED, b"5\r\n" + BODY + b"\r\n" + ENDED + HIDDEN),
    "a trailer": framed(CHUNKED, b"10\r\n" + BODY + b"\r\n0\r\ncontent-length: 5\r\n\r\n" + HIDDEN),
    "an absolute target": post(BODY, path="http://engine/v1/chat/completions") + HIDDEN,
    "another host in the target": post(BODY, path="other:80" + PATH) + HIDDEN,
    "a target with a space": post(BODY, path=PATH + " /x") + HIDDEN,
    "a target with a tab": post(BODY, path=PATH + "\t/x") + HIDDEN,
    "a target with a bare CR": post(BODY, path=PATH + "\r/x") + HIDDEN,
    "Host twice": post(BODY, more="host: y\r\n") + HIDDEN,
    "a key twice": post(BODY, more=f"authorization: Bearer {KEY}\r\n") + HIDDEN,
    "an expectation of something else": post(BODY, more="expect: 200-maybe\r\n") + HIDDEN,
}


@pytest.mark.parametrize("request_bytes", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(built, request_bytes):
    (engine,) = built.engines
    before = len(engine.requests), len(built.manager.others)
    found = answers(built.exchange(request_bytes))
    assert [status for status, _ in found] in ([400], [404]), found
    assert (len(engine.requests), len(built.manager.others)) == before and not engine.left_over
    assert not any(b"hidden" in head for head, _ in engine.requests)


def test_the_engine_is_sent_one_framing_of_ours_whatever_the_client_chose(built):
    (engine,) = built.engines
    hop = "te: trailers\r\nkeep-alive: 5\r\nproxy-authorization: x\r\nx-forwarded-for: 1.2.3.4\r\n"
    hop += "connection: x-mine\r\nx-mine: y\r\nforwarded: for=1.2.3.4\r\nx-theirs: kept\r\n"
    for request in (
        post(BODY, more=hop),
        post(b"4\r\n" + BODY[:4] + b"\r\nc\r\n" + BODY[4:] + b"\r\n" + ENDED, framing=CHUNKED, more=hop),
    ):
        with built.connect() as client:
            client.sendall(request)
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        head, body = engine.requests[-1]
        assert body == BODY
        names = [line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
        assert names.count(b"content-length") == names.count(b"host") == names.count(b"x-theirs") == 1, names
        refused = {b"transfer-encoding", b"te", b"connection", b"keep-alive", b"x-mine", b"forwarded"}
        assert not refused.intersection(names) and KEY.encode() not in head, head
        assert not any(name.startswith((b"x-forwarded", b"proxy-")) for name in names), names


def test_requests_sent_ahead_are_answered_one_by_one(built):
    (engine,) = built.engines
    before = len(engine.requests)
    last = post(BODY, more="connection: close\r\n")
    found = answers(built.exchange(post(BODY) + post(BODY, framing="content-length: 15\r\n") + last))
    # The second body ends one byte early, which is where the third request is looked for.
    assert [status for status, _ in found] == [200, 400, 400], found
    assert len(engine.requests) == before + 1


TRICKS = [
    "/endpoint/acme/chat/v1/../metrics", "/endpoint/acme/chat/v1/./models", "/endpoint/acme/chat/v1/%2e%2e/metrics",
    "/endpoint/acme/chat/v1/%2E%2E%2fmetrics", "/endpoint/acme/chat/v1%2fmodels", "/endpoint/acme/chat//v1/models",
    "//endpoint/acme/chat/v1/models", "/endpoint//chat/v1/models", "/endpoint/acme/chat/v1/models/",
    "/endpoint/acme/chat/v1/models;x=y", "/endpoint/acme;x/chat/v1/models", "/endpoint/acme/chat\\v1\\models",
    "/endpoint/acme/chat/v1/models%00", "/endpoint/acme/other/../chat/v1/models", "/endpoint/acme/chat/metrics",
    "/endpoint/acme/chat/v1/MODELS", "/endpoint/acme/CHAT/v1/models", "/endpoint/acme/chat/v1/load_lora_adapter",
    "/endpoint/acme/chat/v1/models/../../../../api/health", "/endpoint/acme/chat/v1/%6dodels",
    "/endpoint/acme/chat/v1/models/%2e%2e%2f", "/endpoint/acme/ch%61t/v1/models", "/endpoint/acme/chat/v1/..;/metrics",
    "/endpoint/acme/chat/v1/videos/../models", "/endpoint/acme/chat/shutdown", "/endpoint/acme/chat/v1/models#x",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_anywhere_but_to_the_routes_of_its_endpoint(built, path):
    (engine,) = built.engines
    before = len(engine.requests)
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\nconnection: close\r\n\r\n"
    ((status, body),) = answers(built.exchange(request.encode()))
    if path.startswith("//"):
        # Not below /endpoint/: the Manager's affair, as it came.
        assert status == 200 and built.manager.others[-1].startswith(f"GET {path} ".encode())
    else:
        assert status in (400, 403, 404) and b'"error"' in body, (status, body)
    assert len(engine.requests) == before
    assert not any(head.startswith(b"GET /endpoint/") for head in built.manager.others)
