"""An unmodified openai client works with an endpoint as its base URL and a data key as its API key."""

import asyncio
import math

import pytest
from openai import AsyncOpenAI, OpenAI

QUESTION = [{"role": "user", "content": "Say a few words."}]


def test_a_chat_answer_names_the_model_and_counts_its_tokens(place, chat: OpenAI):
    answer = chat.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=8)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("length", "stop")
    assert answer.model == place.chat_model
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0
    assert answer._request_id


def test_the_model_may_be_the_slug_the_models_name_or_default(place, chat: OpenAI):
    for name in (place.chat, place.chat_model, "default"):
        answer = chat.chat.completions.create(model=name, messages=QUESTION, max_tokens=2)
        assert answer.model == place.chat_model, name


def test_a_stream_arrives_in_pieces_and_names_the_model(place, chat: OpenAI):
    with chat.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=12, stream=True) as stream:
        chunks = list(stream)
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces)
    assert len([piece for piece in pieces if piece]) > 1
    assert chunks[-1].choices[0].finish_reason in ("length", "stop")
    assert {chunk.model for chunk in chunks} == {place.chat_model}


def test_a_stream_tells_its_usage_when_asked(place, chat: OpenAI):
    options = {"include_usage": True}
    chunks = list(
        chat.chat.completions.create(
            model=place.chat, messages=QUESTION, max_tokens=5, stream=True, stream_options=options
        )
    )
    assert chunks[-1].usage.completion_tokens > 0
    assert not chunks[-1].choices


def test_a_stream_tells_no_usage_when_not_asked(place, chat: OpenAI):
    chunks = list(chat.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=5, stream=True))
    assert all(chunk.choices for chunk in chunks)


def test_a_client_may_leave_a_stream_and_go_on(place, chat: OpenAI):
    with chat.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=200, stream=True) as stream:
        next(iter(stream))
    assert chat.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=2).choices


def test_fields_the_client_does_not_know_reach_the_engine(place, chat: OpenAI):
    answer = chat.chat.completions.create(
        model=place.chat, messages=QUESTION, max_tokens=2, extra_body={"top_k": 5, "min_p": 0.0}
    )
    assert answer.choices


def test_a_long_prompt_and_characters_of_four_bytes_pass(place, chat: OpenAI):
    answer = chat.chat.completions.create(
        model=place.chat, messages=[{"role": "user", "content": "héllo 日本 🙂 " * 6}], max_tokens=2
    )
    assert answer.choices


def test_plain_completions(place, chat: OpenAI):
    answer = chat.completions.create(model=place.chat, prompt="Once upon a time", max_tokens=4)
    assert answer.choices[0].text and answer.model == place.chat_model


def test_the_list_of_models_has_the_model(place, chat: OpenAI):
    assert place.chat_model in [model.id for model in chat.models.list()]


def test_the_raw_answer_carries_the_request_id(place, chat: OpenAI):
    raw = chat.chat.completions.with_raw_response.create(model=place.chat, messages=QUESTION, max_tokens=2)
    assert raw.headers["x-request-id"]
    assert raw.parse().choices


def test_embeddings_as_numbers_and_as_the_clients_own_form(place, embedding: OpenAI):
    texts = ["a cat sits on a mat", "a kitten is sitting on a rug", "the stock market crashed"]
    packed = embedding.embeddings.create(model=place.embedding, input=texts)
    plain = embedding.embeddings.create(model=place.embedding, input=texts, encoding_format="float")
    assert packed.model == place.embedding_model and packed.usage.prompt_tokens > 0
    for one, other in zip(packed.data, plain.data):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-5)
    assert _cosine(plain.data[0].embedding, plain.data[1].embedding) > _cosine(
        plain.data[0].embedding, plain.data[2].embedding
    )


def _cosine(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right)) / math.sqrt(sum(a * a for a in left) * sum(b * b for b in right))


def test_the_async_client_answers_and_streams(place):
    async def work() -> None:
        async with place.async_client(place.chat, max_retries=0) as client:
            answer = await client.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=4)
            assert answer.choices[0].message.content
            stream = await client.chat.completions.create(
                model=place.chat, messages=QUESTION, max_tokens=6, stream=True
            )
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
            assert "".join(pieces)

    asyncio.run(work())


def test_many_streams_at_once_arrive_whole(place):
    async def one(client: AsyncOpenAI) -> str:
        stream = await client.chat.completions.create(model=place.chat, messages=QUESTION, max_tokens=10, stream=True)
        chunks = [chunk async for chunk in stream]
        return chunks[-1].choices[0].finish_reason

    async def work() -> list[str]:
        async with place.async_client(place.chat, max_retries=0) as client:
            return await asyncio.gather(*(one(client) for _ in range(20)))

    assert set(asyncio.run(work())) <= {"length", "stop"}
