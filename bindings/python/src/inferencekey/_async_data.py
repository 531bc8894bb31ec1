"""The asynchronous client of the data plane."""

from __future__ import annotations

from . import _arguments, _native
from ._async_native import AsyncEvents, Exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Mapping, Optional, Sequence, Union

    from ._arguments import Messages
    from .results import EmbedResult, RerankResult, Response, TextChunk, TextResult


class AsyncDataClient:
    """Calls workloads. Has no provisioning method: workloads are declared with an ``AsyncManagementClient``.

    For the tasks of one event loop at a time; its endpoints share one pool of connections.
    """

    def __init__(
        self,
        base_url: Optional[str] = None,
        project: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        max_retries: Optional[int] = None,
        connect_timeout: Optional[float] = None,
        request_timeout: Optional[float] = None,
        stream_idle_timeout: Optional[float] = None,
    ) -> None:
        """``api_key`` is a data key, ``ik_live_…``. Nothing is taken from the environment: see ``from_env``."""
        options = _native.options(max_retries, connect_timeout, request_timeout, stream_idle_timeout)
        self._open({"base_url": base_url, "project": project, "api_key": api_key, "options": options})

    @classmethod
    def from_env(
        cls,
        base_url: Optional[str] = None,
        project: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        max_retries: Optional[int] = None,
        connect_timeout: Optional[float] = None,
        request_timeout: Optional[float] = None,
        stream_idle_timeout: Optional[float] = None,
    ) -> AsyncDataClient:
        """Takes what is not given from ``INFERENCEKEY_API_KEY``, ``INFERENCEKEY_PROJECT`` and ``INFERENCEKEY_BASE_URL``."""
        options = _native.options(max_retries, connect_timeout, request_timeout, stream_idle_timeout)
        settings = {"base_url": base_url, "project": project, "api_key": api_key, "options": options}
        client = cls.__new__(cls)
        client._open({**settings, "environment": _native.environment()})
        return client

    def _open(self, settings: dict[str, Any]) -> None:
        self._exchange = Exchange(_native.client("data", settings))

    def endpoint(self, slug: str, api_key: Optional[str] = None) -> AsyncEndpoint:
        """The endpoint of one workload, with its own key where one is given. Nothing is sent."""
        return AsyncEndpoint(self._exchange, slug, api_key)

    async def __aenter__(self) -> AsyncDataClient:
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Leaves the event loop; the connections close with the client and its endpoints."""
        self._exchange.detach()


class AsyncEndpoint:
    """One workload that can be called."""

    def __init__(self, exchange: Exchange, slug: str, api_key: Optional[str], options: Optional[dict[str, Any]] = None) -> None:
        self._exchange = exchange
        self._own: dict[str, Any] = {"slug": slug, "api_key": api_key}
        if options:
            self._own["options"] = options
        place = _native.call(exchange.client, "endpoint", self._own)
        self.workload_slug: str = place["workload_slug"]
        self.project: str = place["project"]
        #: What any OpenAI client takes as its base URL.
        self.base_url: str = place["base_url"]

    def with_options(
        self,
        *,
        max_retries: Optional[int] = None,
        connect_timeout: Optional[float] = None,
        request_timeout: Optional[float] = None,
        stream_idle_timeout: Optional[float] = None,
    ) -> AsyncEndpoint:
        """The same endpoint with other options, in seconds; connections are shared."""
        options = _native.options(max_retries, connect_timeout, request_timeout, stream_idle_timeout)
        merged = {**self._own.get("options", {}), **options}
        return AsyncEndpoint(self._exchange, self._own["slug"], self._own["api_key"], merged)

    async def generate_text(
        self,
        prompt: Optional[str] = None,
        messages: Optional[Messages] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        **extra: Any,
    ) -> TextResult:
        """Generates a text and waits for the whole of it. ``extra`` are OpenAI fields, passed through untouched."""
        from .results import TextResult

        given = _arguments.text(prompt, messages, temperature, max_tokens, extra)
        return TextResult.of(await self._exchange.call("generate_text", {**self._own, **given}))

    async def generate_text_stream(
        self,
        prompt: Optional[str] = None,
        messages: Optional[Messages] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        **extra: Any,
    ) -> AsyncTextStream:
        """Generates a text piece by piece. Returns once the stream is open: a refusal is raised here."""
        given = _arguments.text(prompt, messages, temperature, max_tokens, extra)
        events = AsyncEvents(self._exchange, "generate_text_stream", {**self._own, **given})
        await events.more()
        return AsyncTextStream(events)

    async def embed(self, input: Union[str, Sequence[str]], **extra: Any) -> EmbedResult:
        """The vectors of one or more texts, in their order."""
        from .results import EmbedResult

        given = _arguments.embed(input, extra)
        return EmbedResult.of(await self._exchange.call("embed", {**self._own, **given}))

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: Optional[int] = None, **extra: Any
    ) -> RerankResult:
        """Orders documents by how well they answer the query."""
        from .results import RerankResult

        given = _arguments.rerank(query, documents, top_n, extra)
        return RerankResult.of(await self._exchange.call("rerank", {**self._own, **given}))

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: Union[bytes, str, None] = None,
        content_type: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Response:
        """Calls any other route below ``base_url``, such as ``/images/generations``.

        An ``Idempotency-Key`` among the headers lets a request that may have begun be sent again.
        """
        from .results import Response

        given = _arguments.request(method, path, json, content, content_type, headers)
        return Response.of(await self._exchange.call("request", {**self._own, **given}))


class AsyncTextStream:
    """The pieces of a text as they arrive. Leaving a loop over it, or its ``async with`` block, closes the request."""

    def __init__(self, events: AsyncEvents) -> None:
        self._events = events

    def __aiter__(self) -> _Pass:
        return _Pass(self._events)

    async def __anext__(self) -> TextChunk:
        from .results import TextChunk

        return TextChunk.of(await self._events.next())

    async def __aenter__(self) -> AsyncTextStream:
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the request."""
        self._events.close()


class _Pass:
    """One loop over a stream, which ends the stream when it is left."""

    def __init__(self, events: AsyncEvents) -> None:
        from .results import TextChunk

        self._events = events
        self._of = TextChunk.of

    def __aiter__(self) -> _Pass:
        return self

    async def __anext__(self) -> TextChunk:
        return self._of(await self._events.next())

    def __del__(self) -> None:
        self._events.close()
