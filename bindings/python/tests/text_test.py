import gc
import threading
import time

import pytest
from conftest import KEY, completion, delta

import inferencekey
from inferencekey import DataClient, NetworkError, TextChunk, TextResult, Usage, ValidationError


def test_a_text_comes_with_everything_the_server_said(server, endpoint):
    server.script = lambda request, reply: reply.json(completion("¡Hola!", custom={"b": 1, "a": 2}))
    result = endpoint.generate_text(prompt="Hola", temperature=0.2, max_tokens=300, seed=7)
    assert result == TextResult("¡Hola!", "m", "stop", Usage(3, 2, 5), completion("¡Hola!", custom={"b": 1, "a": 2}))
    request = server.requests[0]
    assert request.json() == {
        "model": "support-bot",
        "messages": [{"role": "user", "content": "Hola"}],
        "temperature": 0.2,
        "max_tokens": 300,
        "seed": 7,
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.target == "/endpoint/acme/support-bot/v1/chat/completions"


def test_results_cannot_be_changed(server, endpoint):
    server.script = lambda request, reply: reply.json(completion())
    with pytest.raises(AttributeError):
        endpoint.generate_text(prompt="Hola").text = "x"


def test_options_that_are_not_set_are_not_sent(server, endpoint):
    server.script = lambda request, reply: reply.json(completion())
    endpoint.generate_text(messages=[{"role": "user", "content": "Hola", "name": "ana"}])
    assert server.requests[0].json() == {
        "model": "support-bot",
        "messages": [{"role": "user", "content": "Hola", "name": "ana"}],
    }


@pytest.mark.parametrize(
    "arguments", [{}, {"prompt": " "}, {"messages": []}, {"prompt": "a", "messages": []}, {"prompt": "a", "top_k": set()}]
)
def test_bad_arguments_are_refused_before_anything_is_sent(server, endpoint, arguments):
    with pytest.raises(ValidationError, match="^validation error: "):
        endpoint.generate_text(**arguments)
    assert server.accepted == 0


def test_calls_share_a_connection(server, endpoint):
    server.script = lambda request, reply: reply.json(completion())
    for _ in range(5):
        endpoint.generate_text(prompt="Hola")
    assert server.accepted == 1


def test_a_stream_brings_the_pieces_as_they_come(server, endpoint):
    proceed = threading.Event()

    def script(request, reply):
        reply.open_events()
        reply.event(delta("Hel"))
        proceed.wait(10)
        reply.event(delta("lo", "stop"))
        reply.event(b"[DONE]")
        reply.end()

    server.script = script
    pieces = iter(endpoint.generate_text_stream(prompt="Hola"))
    assert next(pieces) == TextChunk("Hel", None, None, delta("Hel"))
    proceed.set()
    assert [piece.text for piece in pieces] == ["lo"]
    assert server.requests[0].json()["stream"] is True


def test_a_refusal_is_raised_when_the_stream_is_opened(server, endpoint):
    server.script = lambda request, reply: reply.json({"error": "invalid_credentials", "message": "no"}, 401)
    with pytest.raises(inferencekey.AuthError, match="^authentication failed: no"):
        endpoint.generate_text_stream(prompt="Hola")


def endless(closed):
    """A stream without an end; sets the event when the client closes it, which may be between two pieces."""

    def script(request, reply):
        reply.open_events()
        try:
            for _ in range(3):
                reply.event(delta("x"))
        except ConnectionError:
            closed.set()
        if reply.wait_closed():
            closed.set()

    return script


def test_breaking_out_of_a_loop_closes_the_request(server, endpoint):
    closed = threading.Event()
    server.script = endless(closed)
    for _ in endpoint.generate_text_stream(prompt="Hola"):
        break
    assert closed.wait(5)


def test_breaking_out_closes_the_request_of_a_stream_that_is_kept(server, endpoint):
    closed = threading.Event()
    server.script = endless(closed)
    stream = endpoint.generate_text_stream(prompt="Hola")
    for _ in stream:
        break
    assert closed.wait(5)
    assert list(stream) == []


def test_a_with_block_closes_the_request(server, endpoint):
    closed = threading.Event()
    server.script = endless(closed)
    with endpoint.generate_text_stream(prompt="Hola") as stream:
        assert next(stream).text == "x"
    assert closed.wait(5)


def test_a_stream_that_is_dropped_closes_the_request(server, endpoint):
    closed = threading.Event()
    server.script = endless(closed)
    stream = endpoint.generate_text_stream(prompt="Hola")
    del stream
    gc.collect()
    assert closed.wait(5)


def test_another_thread_can_close_a_stream_that_is_waited_for(server, endpoint):
    def end_of_a_closed_stream():
        closed = threading.Event()
        server.script = endless(closed)
        stream = endpoint.generate_text_stream(prompt="Hola")
        seen = []

        def read():
            try:
                for chunk in stream:
                    seen.append(chunk.text)
                seen.append("the end")
            except inferencekey.CancelledError:
                seen.append("cancelled")

        reader = threading.Thread(target=read)
        reader.start()
        deadline = time.monotonic() + 5
        while len(seen) < 3 and time.monotonic() < deadline:
            time.sleep(0.005)
        stream.close()
        reader.join(5)
        assert not reader.is_alive() and closed.wait(5)
        return seen[-1]

    # A loop that was not yet back to waiting when the stream was closed simply ends.
    ends = {end_of_a_closed_stream() for _ in range(5)}
    assert "cancelled" in ends and ends <= {"cancelled", "the end"}


def test_a_stream_that_is_cut_off_is_an_error(server, endpoint):
    def script(request, reply):
        reply.open_events()
        reply.event(delta("x"))
        reply.end()

    server.script = script
    pieces = []
    with pytest.raises(NetworkError, match="ended before it was complete"):
        for piece in endpoint.generate_text_stream(prompt="Hola"):
            pieces.append(piece.text)
    assert pieces == ["x"]


def test_an_empty_stream_is_an_error(server, endpoint):
    def script(request, reply):
        reply.open_events()
        reply.end()

    server.script = script
    with pytest.raises(NetworkError):
        list(endpoint.generate_text_stream(prompt="Hola"))


def test_a_silent_stream_times_out(server):
    client = DataClient(server.url, "acme", KEY, max_retries=0, stream_idle_timeout=0.2)
    server.script = endless(threading.Event())
    with pytest.raises(inferencekey.TimeoutError, match="sent nothing"):
        list(client.endpoint("support-bot").generate_text_stream(prompt="Hola"))


def test_embeddings_and_ranks(server, endpoint):
    server.script = lambda request, reply: reply.json(
        {"data": [{"index": 1, "embedding": [0.5]}, {"index": 0, "embedding": [1, 2.25]}], "model": "m", "usage": None}
        if request.target.endswith("/embeddings")
        else {"results": [{"index": 1, "relevance_score": 0.75}], "model": "m"}
    )
    assert endpoint.embed(["a", "b"]).embeddings == [[1, 2.25], [0.5]]
    assert endpoint.embed("a").usage is None
    ranked = endpoint.rerank(query="q", documents=["a", "b"], top_n=1)
    assert (ranked.results[0].index, ranked.results[0].relevance_score) == (1, 0.75)
    assert server.requests[-1].json() == {"model": "support-bot", "query": "q", "documents": ["a", "b"], "top_n": 1}


def test_any_other_route(server, endpoint):
    server.script = lambda request, reply: reply.answer(b"\xff\x00PNG", 200, "image/png", "x-request-id: r-1")
    response = endpoint.request("POST", "/images/generations", json={"b": 1, "a": [True]}, headers={"x-a": "1"})
    assert (response.status, response.content, response.header("X-Request-ID")) == (200, b"\xff\x00PNG", "r-1")
    assert server.requests[0].body == b'{"b":1,"a":[true]}' and server.requests[0].headers["x-a"] == "1"
    endpoint.request("POST", "/audio/transcriptions", content=b"\x00\xff", content_type="audio/wav")
    assert server.requests[1].body == b"\x00\xff" and server.requests[1].headers["content-type"] == "audio/wav"
    with pytest.raises(inferencekey.ApiError, match="not JSON"):
        response.json()


def test_a_base_url_for_an_openai_client(endpoint, server):
    assert endpoint.base_url == f"{server.url}/endpoint/acme/support-bot/v1"
    assert endpoint.workload_slug == "support-bot"


def test_results_are_copied_pickled_compared_and_shown(server, endpoint):
    import copy
    import pickle

    server.script = lambda request, reply: reply.json(completion("¡Hola!\n\"x\"👋"))
    result = endpoint.generate_text(prompt="Hola")
    for other in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert other == result and type(other) is TextResult
    assert result != TextResult(result.text, result.model, result.finish_reason, None, result.raw)
    assert result.raw is result.raw
    assert repr(result) == (
        "TextResult(text='¡Hola!\\n\"x\"👋', model='m', finish_reason='stop', "
        "usage=Usage(prompt_tokens=3, completion_tokens=2, total_tokens=5))"
    )
    with pytest.raises(TypeError):
        hash(result)
    with pytest.raises(TypeError):
        TextChunk("x")
