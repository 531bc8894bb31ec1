"""Arguments of operations, the same for the blocking and the asynchronous clients."""

from __future__ import annotations

from ._native import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence, Union

    from .enums import OnDrift
    from .spec import WorkloadSpec

    Messages = Sequence[Mapping[str, Any]]


def ensure(spec: WorkloadSpec, on_drift: Union[OnDrift, str], project: Optional[str]) -> dict[str, Any]:
    return {"spec": spec.to_dict(), "on_drift": str(on_drift), "project": project}


def text(
    begun: str,
    prompt: Optional[str],
    messages: Optional[Messages],
    temperature: Optional[float],
    max_tokens: Optional[int],
    extra: dict[str, Any],
) -> str:
    """In JSON, member by member: a dictionary in between would cost more than the rest. ``begun`` is the object without its
    end."""
    if prompt is not None:
        begun += ', "prompt": ' + encode(prompt)
    if messages is not None:
        begun += ', "messages": ' + encode(list(messages))
    if temperature is not None:
        begun += ', "temperature": ' + encode(temperature)
    if max_tokens is not None:
        begun += ', "max_tokens": ' + (str(max_tokens) if type(max_tokens) is int else encode(max_tokens))
    if extra:
        begun += ', "extra": ' + encode(extra)
    return begun + "}"


def embed(texts: Union[str, Sequence[str]], extra: dict[str, Any]) -> dict[str, Any]:
    return {"input": texts if isinstance(texts, str) else list(texts), "extra": extra}


def rerank(query: str, documents: Sequence[str], top_n: Optional[int], extra: dict[str, Any]) -> dict[str, Any]:
    return {"query": query, "documents": list(documents), "top_n": top_n, "extra": extra}


def request(
    method: str,
    path: str,
    json: Any,
    content: Union[bytes, str, None],
    content_type: Optional[str],
    headers: Optional[Mapping[str, str]],
) -> dict[str, Any]:
    given: dict[str, Any] = {"method": method, "path": path, "headers": dict(headers or {})}
    if json is not None:
        given["json"] = json
    if isinstance(content, str):
        given["text"] = content
    elif content is not None:
        from base64 import b64encode

        given["base64"] = b64encode(content).decode()
    if content_type is not None:
        given["content_type"] = content_type
    return given


def job(
    kind: str, body: Any, content_type: Optional[str], context: Any, idempotency_key: Optional[str]
) -> dict[str, Any]:
    given: dict[str, Any] = {"kind": kind, "context": context, "idempotency_key": idempotency_key}
    if isinstance(body, (bytes, bytearray, memoryview)):
        from base64 import b64encode

        given["base64"] = b64encode(body).decode()
    else:
        given["body"] = body
    if content_type is not None:
        given["content_type"] = content_type
    return given
