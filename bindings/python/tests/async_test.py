import asyncio
import gc
import resource
import threading

import pytest
from conftest import KEY, TOKEN, completion, delta, workload
from loopback import LoopbackServer

import inferencekey
from inferencekey import AsyncDataClient, AsyncManagementClient, WorkloadSpec


async def open_endpoint(server: LoopbackServer):
    return AsyncDataClient(server.url, "acme", KEY, max_retries=0).endpoint("support-bot")


def test_calls_run_side_by_side_without_a_thread(server):
    barrier = threading.Barrier(20, timeout=10)
    server.script = lambda request, reply: (barrier.wait(), reply.json(completion(request.json()["seed"])))

    async def main():
        endpoint = await open_endpoint(server)
        threads = threading.active_count()
        calls = [endpoint.generate_text(prompt="Hola", seed=f"n{number}") for number in range(20)]
        assert [result.text for result in await asyncio.gather(*calls)] == [f"n{number}" for number in range(20)]
        return threads

    asyncio.run(main())


def test_a_client_moves_from_one_event_loop_to_the_next(server):
    server.script = lambda request, reply: reply.json(completion())
    client = AsyncDataClient(server.url, "acme", KEY)

    async def main():
        return (await client.endpoint("bot").generate_text(prompt="Hola")).text

    assert [asyncio.run(main()) for _ in range(3)] == ["Hola"] * 3
    assert server.accepted == 1


def test_a_stream(server):
    def script(request, reply):
        reply.open_events()
        for text in ("a", "b", "c"):
            reply.event(delta(text))
        reply.event(delta("", "stop"))
        reply.event(b"[DONE]")
        reply.end()

    server.script = script

    async def main():
        endpoint = await open_endpoint(server)
        return [chunk.text async for chunk in await endpoint.generate_text_stream(prompt="Hola")]

    assert asyncio.run(main()) == ["a", "b", "c", ""]


def endless(closed):
    def script(request, reply):
        reply.open_events()
        reply.event(delta("x"))
        if reply.wait_closed():
            closed.set()

    return script


async def until(event: threading.Event):
    for _ in range(500):
        if event.is_set():
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.mark.parametrize("how", ["break", "kept", "with", "cancel"])
def test_leaving_a_stream_closes_the_request(server, how):
    closed, begun = threading.Event(), threading.Event()
    server.script = endless(closed)

    async def main():
        endpoint = await open_endpoint(server)
        if how == "break":
            async for _ in await endpoint.generate_text_stream(prompt="Hola"):
                break
        elif how == "kept":
            stream = await endpoint.generate_text_stream(prompt="Hola")
            async for _ in stream:
                break
        elif how == "with":
            async with await endpoint.generate_text_stream(prompt="Hola") as stream:
                assert (await stream.__anext__()).text == "x"
        else:

            async def read():
                async for _ in await endpoint.generate_text_stream(prompt="Hola"):
                    begun.set()

            reading = asyncio.create_task(read())
            assert await until(begun)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(reading, 0.2)
        gc.collect()
        return await until(closed)

    assert asyncio.run(main())


def test_a_stream_that_is_dropped_on_another_thread_wakes_nobody_there(server):
    """In debug mode asyncio refuses what another thread does to its loop."""
    closed, answered = threading.Event(), threading.Event()

    def script(request, reply):
        if request.json().get("stream"):
            return endless(closed)(request, reply)
        reply.json(completion())
        answered.set()

    server.script = script

    async def main():
        endpoint = await open_endpoint(server)
        held = [await endpoint.generate_text_stream(prompt="Hola")]
        call = asyncio.create_task(endpoint.generate_text(prompt="Hola"))
        await asyncio.sleep(0)
        # The loop stands still here, with an answer that it has not seen.
        assert answered.wait(10)
        dropper = threading.Thread(target=held.clear)
        dropper.start()
        dropper.join()
        assert (await asyncio.wait_for(call, 10)).text == "Hola"
        return await until(closed)

    assert asyncio.run(main(), debug=True)


def in_two_pieces(proceed):
    def script(request, reply):
        reply.open_events()
        reply.event(delta("a"))
        proceed.wait(10)
        reply.event(delta("b", "stop"))
        reply.event(b"[DONE]")
        reply.end()

    return script


def test_a_read_that_timed_out_loses_nothing(server):
    proceed = threading.Event()
    server.script = in_two_pieces(proceed)

    async def main():
        endpoint = await open_endpoint(server)
        stream = await endpoint.generate_text_stream(prompt="Hola")
        assert (await stream.__anext__()).text == "a"
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(stream.__anext__(), 0.05)
        proceed.set()
        return [chunk.text async for chunk in stream]

    assert asyncio.run(main()) == ["b"]


def test_cancelling_the_opening_of_a_stream_closes_the_request(server):
    closed, arrived = threading.Event(), threading.Event()
    server.script = lambda request, reply: (arrived.set(), reply.wait_closed() and closed.set())

    async def main():
        endpoint = await open_endpoint(server)
        opening = asyncio.create_task(endpoint.generate_text_stream(prompt="Hola"))
        assert await until(arrived)
        opening.cancel()
        # Its traceback holds the stream that did not open.
        with pytest.raises(asyncio.CancelledError) as raised:
            await opening
        is_closed = await until(closed)
        return is_closed and raised.traceback

    assert asyncio.run(main())


def test_a_second_reader_of_a_stream_is_refused_and_the_first_reads_on(server):
    proceed = threading.Event()
    server.script = in_two_pieces(proceed)

    async def main():
        endpoint = await open_endpoint(server)
        stream = await endpoint.generate_text_stream(prompt="Hola")
        assert (await stream.__anext__()).text == "a"
        first = asyncio.create_task(stream.__anext__())
        await asyncio.sleep(0)
        with pytest.raises(inferencekey.ValidationError, match="another task reads this stream"):
            await stream.__anext__()
        proceed.set()
        assert (await asyncio.wait_for(first, 10)).text == "b"

    asyncio.run(main())


def test_closing_a_client_ends_what_it_does_and_refuses_what_comes(server):
    closed, arrived = threading.Event(), threading.Event()

    def script(request, reply):
        if request.json().get("stream"):
            return endless(closed)(request, reply)
        arrived.set()
        reply.wait_closed()

    server.script = script

    async def main():
        client = AsyncDataClient(server.url, "acme", KEY)
        endpoint = client.endpoint("bot")
        stream = await endpoint.generate_text_stream(prompt="Hola")
        call = asyncio.create_task(endpoint.generate_text(prompt="Hola"))
        assert await until(arrived)
        await client.close()
        await client.close()
        for reading in (call, stream.__anext__()):
            with pytest.raises(inferencekey.CancelledError, match="the client was closed"):
                await asyncio.wait_for(reading, 10)
        for calling in (endpoint.generate_text, endpoint.generate_text_stream):
            with pytest.raises(inferencekey.ConfigurationError, match="closed"):
                await calling(prompt="Hola")
        with pytest.raises(inferencekey.ConfigurationError, match="closed"):
            client.endpoint("bot")
        return await until(closed)

    assert asyncio.run(main())


def test_without_a_descriptor_left_the_error_says_so(server):
    server.script = lambda request, reply: reply.json(completion())

    async def main():
        endpoint = await open_endpoint(server)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
        try:
            with pytest.raises(inferencekey.NetworkError, match="raise the limit of open files"):
                await endpoint.generate_text(prompt="Hola")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    asyncio.run(main())


def test_cancelling_a_call_closes_the_request(server):
    closed, arrived = threading.Event(), threading.Event()
    server.script = lambda request, reply: (arrived.set(), reply.wait_closed() and closed.set())

    async def main():
        endpoint = await open_endpoint(server)
        call = asyncio.create_task(endpoint.generate_text(prompt="Hola"))
        assert await until(arrived)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.2)
        return await until(closed)

    assert asyncio.run(main())


def test_errors_are_the_same(server):
    server.script = lambda request, reply: reply.json({"error": "rate_limited", "message": "slow"}, 429, "retry-after: 2")

    async def main():
        endpoint = await open_endpoint(server)
        with pytest.raises(inferencekey.RateLimitError, match="^rate limited: slow") as raised:
            await endpoint.generate_text_stream(prompt="Hola")
        assert raised.value.retry_after == 2
        with pytest.raises(inferencekey.ValidationError):
            await endpoint.generate_text(prompt=" ")

    asyncio.run(main())


def test_a_deadline_passes_while_the_loop_is_idle(server):
    server.script = lambda request, reply: reply.wait_closed()

    async def main():
        endpoint = (await open_endpoint(server)).with_options(request_timeout=0.2)
        with pytest.raises(inferencekey.TimeoutError):
            await asyncio.wait_for(endpoint.generate_text(prompt="Hola"), 5)

    asyncio.run(main())


def test_many_streams_at_once(server):
    def script(request, reply):
        reply.open_events()
        for number in range(5):
            reply.event(delta(str(number)))
        reply.event(delta("", "stop"))
        reply.event(b"[DONE]")
        reply.end()

    server.script = script

    async def main():
        endpoint = await open_endpoint(server)

        async def read():
            return "".join([chunk.text async for chunk in await endpoint.generate_text_stream(prompt="Hola")])

        return await asyncio.gather(*[read() for _ in range(1000)])

    assert asyncio.run(main()) == ["01234"] * 1000


def test_the_control_plane(server):
    ready = {"phase": "ready", "message": "serving", "elapsed_ms": 5}

    def script(request, reply):
        if request.target.endswith("/readiness-events"):
            reply.open_events()
            reply.event({"phase": "scheduling", "message": "placing", "elapsed_ms": 1})
            reply.event(ready)
            reply.end()
        elif request.method == "GET":
            reply.json([])
        else:
            reply.json(workload(), 201)

    server.script = script
    seen = []

    async def main():
        async with AsyncManagementClient(server.url, TOKEN, "acme") as client:
            ref = await client.ensure(WorkloadSpec("Bot", "bot", "m", "vllm"))
            assert (ref.workload_slug, ref.plan.action) == ("bot", "create")
            event = await client.wait_until_ready("bot", on_progress=seen.append)
            assert event.phase == "ready"
            assert await client.delete("bot") is False

    asyncio.run(main())
    assert [event.phase for event in seen] == ["scheduling", "ready"]
