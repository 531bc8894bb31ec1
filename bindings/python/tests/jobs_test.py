import pytest
from conftest import KEY

from inferencekey import AsyncDataClient, DataClient, ForecastResult, Job, ValidationError


def test_a_forecast_carries_its_body_untouched(server, endpoint):
    server.script = lambda request, reply: reply.json({"values": [1.5, 2], "unit": "MW"})
    assert endpoint.forecast({"series": [1, 2.5], "horizon": 2}) == ForecastResult({"values": [1.5, 2], "unit": "MW"})
    assert server.requests[0].target == "/endpoint/acme/support-bot/forecast"
    assert server.requests[0].json() == {"series": [1, 2.5], "horizon": 2}


def test_a_job_is_handed_in_and_asked_for(server, endpoint):
    done = {"job_id": "j1", "state": "completed", "attempts": 1, "result": {"text": "Hola"}}
    server.script = lambda request, reply: reply.json(done if request.method == "GET" else {"job_id": "j1"}, 202)
    handed = endpoint.submit_job("chat", {"messages": []}, context={"order": 42}, idempotency_key="k1")
    assert handed == Job("j1", None, None, None, {"job_id": "j1"})
    assert server.requests[0].json() == {"kind": "chat", "body": {"messages": []}, "context": {"order": 42}}
    assert server.requests[0].headers["idempotency-key"] == "k1"
    assert endpoint.get_job(handed.id) == Job("j1", "completed", 1, {"text": "Hola"}, done)
    assert server.requests[1].target == "/endpoint/acme/support-bot/jobs/j1"


@pytest.mark.parametrize("body", [b"\x00\xff", bytearray(b"\x00\xff"), memoryview(b"\x00\xff")])
def test_bytes_go_with_their_type(server, endpoint, body):
    server.script = lambda request, reply: reply.json({"job_id": "j1"}, 202)
    endpoint.submit_job("audio_transcriptions", body, content_type="audio/wav")
    assert server.requests[0].json() == {
        "kind": "audio_transcriptions", "body_b64": "AP8=", "content_type": "audio/wav",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments, field",
    [
        ({"kind": " ", "body": {}}, "kind"),
        ({"kind": "chat", "body": None}, "body"),
        ({"kind": "chat", "body": b"x"}, "content_type"),
        ({"kind": "chat", "body": {}, "content_type": "text/plain"}, "content_type"),
    ],
)
def test_what_cannot_be_a_job_is_refused_before_anything_is_sent(server, endpoint, arguments, field):
    with pytest.raises(ValidationError) as raised:
        endpoint.submit_job(**arguments)
    assert field in raised.value.fields and server.accepted == 0


def test_asyncio_has_the_same(server):
    import asyncio

    server.script = lambda request, reply: reply.json({"job_id": "j1", "state": "queued", "attempts": 0})

    async def main():
        endpoint = AsyncDataClient(server.url, "acme", KEY).endpoint("support-bot")
        assert (await endpoint.forecast({"a": 1})).raw["job_id"] == "j1"
        assert (await endpoint.submit_job("chat", {})).id == "j1"
        return await endpoint.get_job("j1")

    assert asyncio.run(main()).state == "queued"


def test_endpoints_share_the_settings_of_their_client(server):
    server.script = lambda request, reply: reply.json({"error": "unavailable"}, 503, "retry-after-ms: 1")
    endpoint = DataClient(server.url, "acme", KEY, max_retries=1).endpoint("support-bot")
    for options, count in (({}, 2), ({"max_retries": 0}, 1), ({"request_timeout": 5}, 2)):
        before = len(server.requests)
        with pytest.raises(Exception, match="503"):
            endpoint.with_options(**options).forecast({})
        assert len(server.requests) - before == count
