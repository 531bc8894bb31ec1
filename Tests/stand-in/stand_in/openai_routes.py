"""The OpenAI-shaped routes that all engines share."""

import asyncio
import base64
import time

from . import answers
from .settings import RequestSettings
from .state import State
from .wire import Answer, Request


class Refused(Exception):
    """A request that the engine answers with an error body."""

    def __init__(self, status: int, message: str, kind: str = "BadRequestError", param: "str | None" = None):
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": status}}


def served_model(state: State, body: dict) -> str:
    """The name answered with. llama-server ignores the name asked for; the others refuse one they do not serve."""
    launch, asked = state.launch, body.get("model")
    if launch.engine == "ollama":
        if asked not in state.pulled:
            raise Refused(404, f"model '{asked}' not found", "not_found_error")
        return asked
    if launch.engine != "llama-server" and asked is not None and asked not in launch.names:
        aliases = ", ".join(launch.names)
        raise Refused(404, f"The model `{asked}` does not exist. Valid aliases: {aliases}.", "NotFoundError", "model")
    return launch.names[0]


async def chat(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(
            400, "1 validation error:\n  {'type': 'list_type', 'loc': 'body.messages'}", "Bad Request", "body.messages"
        )
    await _generate(state, body, settings, answer, answers.chat_prompt(body), "chat.completion")


async def completions(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    prompt = body.get("prompt", "")
    await _generate(
        state, body, settings, answer, prompt if isinstance(prompt, str) else str(prompt), "text_completion"
    )


async def _generate(
    state: State, body: dict, settings: RequestSettings, answer: Answer, prompt: str, kind: str
) -> None:
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 0
    if limit > state.launch.max_model_len:
        message = f"max_tokens={limit} cannot be greater than max_model_len={state.launch.max_model_len}."
        raise Refused(400, message, param="max_tokens")
    model, pieces, is_chat = served_model(state, body), answers.pieces(body, settings), kind == "chat.completion"
    state.prompt_tokens += answers.count_tokens(prompt)
    if not body.get("stream"):
        for _ in pieces:
            await _one_token(state, settings)
        text = "".join(pieces)
        choice = {"message": {"role": "assistant", "content": text}} if is_chat else {"text": text}
        await answer.json(
            200,
            {
                **answers.identity(kind, model),
                "choices": [{"index": 0, **choice, "logprobs": None, "finish_reason": "length"}],
                "system_fingerprint": answers.FINGERPRINT,
                "usage": answers.usage(prompt, len(pieces)),
            },
        )
        return
    options = body.get("stream_options") or {}
    identity = answers.identity(kind + ".chunk" if is_chat else kind, model)
    await answer.begin_stream()
    if is_chat:
        empty = None if state.launch.engine == "llama-server" else ""
        await answer.event({**identity, "choices": [_choice(True, {"role": "assistant", "content": empty}, None)]})
    for index, piece in enumerate(pieces):
        await _one_token(state, settings)
        if settings.error_event and index == settings.at:
            await answer.event(
                {
                    "error": {
                        "message": "EngineCore encountered an issue.",
                        "type": "InternalServerError",
                        "param": None,
                        "code": 500,
                    }
                }
            )
            break
        finish = "length" if index == len(pieces) - 1 else None
        event = {**identity, "choices": [_choice(is_chat, {"content": piece} if is_chat else piece, finish)]}
        if options.get("continuous_usage_stats") and not settings.no_usage:
            event["usage"] = answers.usage(prompt, index + 1)
        await answer.event(event)
    if options.get("include_usage") and not settings.no_usage:
        usage = {"usage": answers.usage(prompt, len(pieces)), "system_fingerprint": answers.FINGERPRINT}
        await answer.event({**identity, "choices": [], **usage})
    if not settings.no_done:
        await answer.event("[DONE]")
    await answer.end_stream()


def _choice(is_chat: bool, value, finish: "str | None") -> dict:
    return {"index": 0, "delta" if is_chat else "text": value, "logprobs": None, "finish_reason": finish}


async def _one_token(state: State, settings: RequestSettings) -> None:
    if settings.delay_ms:
        await asyncio.sleep(settings.delay_ms / 1000)
    state.generated_tokens += 1


async def embeddings(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    if "input" not in body:
        raise Refused(
            400, "1 validation error:\n  {'type': 'missing', 'loc': 'body.input'}", "Bad Request", "body.input"
        )
    model, texts = served_model(state, body), answers.texts_of(body["input"])
    vectors = [answers.embedding(text, int(body.get("dimensions") or 16)) for text in texts]
    if body.get("encoding_format") == "base64":
        vectors = [_base64_floats(vector) for vector in vectors]
    tokens = sum(map(answers.count_tokens, texts))
    state.prompt_tokens += tokens
    await answer.json(
        200,
        {
            "id": answers.identity("embd", model)["id"],
            "object": "list",
            "created": int(time.time()),
            "model": model,
            "data": [
                {"index": index, "object": "embedding", "embedding": vector} for index, vector in enumerate(vectors)
            ],
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens, "completion_tokens": 0},
        },
    )


def _base64_floats(vector: list[float]) -> str:
    import array

    return base64.b64encode(array.array("f", vector).tobytes()).decode()


async def rerank(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    model, query, documents = (
        served_model(state, body),
        body.get("query", ""),
        [answers.document_text(d) for d in body.get("documents", [])],
    )
    scored = sorted(enumerate(documents), key=lambda pair: -answers.relevance(query, pair[1]))[
        : body.get("top_n") or None
    ]
    tokens = sum(map(answers.count_tokens, [query, *documents]))
    state.prompt_tokens += tokens
    await answer.json(
        200,
        {
            "id": answers.identity("score", model)["id"],
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            "results": [
                {"index": i, "document": {"text": text}, "relevance_score": answers.relevance(query, text)}
                for i, text in scored
            ],
        },
    )


async def responses(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    model, prompt, pieces = served_model(state, body), str(body.get("input", "")), answers.pieces(body, settings)
    usage = answers.usage(prompt, len(pieces))
    content = [{"type": "output_text", "text": "".join(pieces), "annotations": []}]
    await answer.json(
        200,
        {
            "id": "resp_" + answers.identity("x", model)["id"],
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
            "status": "completed",
            "output": [
                {"id": "msg_0", "type": "message", "role": "assistant", "status": "completed", "content": content}
            ],
            "usage": {
                "input_tokens": usage["prompt_tokens"],
                "output_tokens": usage["completion_tokens"],
                "total_tokens": usage["total_tokens"],
            },
        },
    )


async def messages(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    model, prompt, pieces = served_model(state, body), answers.chat_prompt(body), answers.pieces(body, settings)
    usage = answers.usage(prompt, len(pieces))
    await answer.json(
        200,
        {
            "id": answers.identity("chat", model)["id"],
            "type": "message",
            "role": "assistant",
            "model": model,
            "stop_reason": "max_tokens",
            "content": [{"type": "text", "text": "".join(pieces)}],
            "usage": {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]},
        },
    )


async def tokenize(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    count = answers.count_tokens(str(body.get("prompt") or body.get("content") or answers.chat_prompt(body)))
    await answer.json(200, {"count": count, "max_model_len": state.launch.max_model_len, "tokens": list(range(count))})


async def images(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00" * max(32, settings.body_bytes)).decode()
    await answer.json(200, {"created": int(time.time()), "data": [{"b64_json": picture}]})


async def speech(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    await answer.whole(200, b"RIFF" + b"\x00" * max(1000, settings.body_bytes), "audio/wav")


async def transcription(state: State, request: Request, body: dict, settings: RequestSettings, answer: Answer) -> None:
    await answer.json(200, {"text": "".join(answers.pieces({}, settings)).strip()})


POST = {
    "/v1/chat/completions": chat,
    "/v1/completions": completions,
    "/v1/embeddings": embeddings,
    "/v1/rerank": rerank,
    "/rerank": rerank,
    "/v1/responses": responses,
    "/v1/messages": messages,
    "/tokenize": tokenize,
    "/v1/tokenize": tokenize,
    "/v1/images/generations": images,
    "/v1/images/edits": images,
    "/v1/images/variations": images,
    "/v1/audio/speech": speech,
    "/v1/audio/generate": speech,
    "/v1/audio/transcriptions": transcription,
    "/v1/audio/translations": transcription,
}
