"""The bodies: what each route answers, made from the request alone, so that the same request has the same answer."""

import hashlib
import math
import os
import re
import time

from .settings import RequestSettings
from .texts import words

FINGERPRINT = f"stand-in-{os.getpid()}"


def chat_prompt(body: dict) -> str:
    parts = []
    for message in body.get("messages") or []:
        content = message.get("content") if isinstance(message, dict) else ""
        if isinstance(content, list):
            content = " ".join(part.get("text", "") for part in content if isinstance(part, dict))
        parts.append(content or "")
    return "\n".join(parts)


def count_tokens(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text)) or 1


def pieces(body: dict, settings: RequestSettings) -> list[str]:
    """The tokens of the answer: as many as asked for."""
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or body.get("max_output_tokens") or 16
    answer = words(settings.tokens or min(limit, 16))
    if settings.event_bytes:
        answer = [word + "x" * max(0, settings.event_bytes - len(word.encode())) for word in answer]
    if settings.big_event and settings.at < len(answer) + 1:
        answer[max(0, settings.at - 1)] = "x" * settings.big_event
    if settings.body_bytes and answer:
        answer[-1] += "x" * settings.body_bytes
    return answer


def usage(prompt: str, completion_tokens: int) -> dict:
    prompt_tokens = count_tokens(prompt)
    return {
        "prompt_tokens": prompt_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "completion_tokens": completion_tokens,
    }


def identity(kind: str, model: str) -> dict:
    prefix = "chatcmpl-" if kind.startswith("chat") else "cmpl-"
    return {"id": prefix + os.urandom(8).hex(), "object": kind, "created": int(time.time()), "model": model}


def embedding(text: str, width: int = 16) -> list[float]:
    """A unit vector of the text's words: texts that share words are near each other."""
    values = [0.0] * width
    for word in re.findall(r"\w+", text.lower()) or [text]:
        for index, byte in enumerate(hashlib.sha256(word.encode()).digest()[:width]):
            values[index] += byte / 127.5 - 1
    length = math.sqrt(sum(value * value for value in values)) or 1
    return [value / length for value in values]


def relevance(query: str, document: str) -> float:
    return max(0.0, sum(a * b for a, b in zip(embedding(query), embedding(document))))


def texts_of(value) -> list[str]:
    return [text if isinstance(text, str) else str(text) for text in (value if isinstance(value, list) else [value])]


def document_text(document) -> str:
    return document.get("text", "") if isinstance(document, dict) else str(document)
