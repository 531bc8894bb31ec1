"""The asynchronous client of the data plane."""

from __future__ import annotations

from . import _arguments
from ._async_native import AsyncEvents, Exchange
from ._settings import DataSettings, EndpointSettings
from ._texts import TextChunk, TextResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Mapping, Optional, Sequence, Union

    from typing_extensions import Unpack

    from ._arguments import Messages
    from ._settings import Options
    from .results import EmbedResult, ForecastResult, Job, RerankResult, Response


class AsyncDataClient(DataSettings):
    """Calls workloads. Has no provisioning method: workloads are declared with an ``AsyncManagementClient``.

    For the tasks of one event loop at a time; its endpoints share one pool of connections.
    """

    def _open(self, client: Any) -> None:
        self._exchange = Exchange(client)

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
        """Ends every request of the client and of its endpoints, and closes their connections.

        What is called afterwards raises ``ConfigurationError``; what was waited for, or is read of a stream,
        ``CancelledError``.
        """
        self._exchange.close()


class AsyncEndpoint(EndpointSettings):
    """One workload that can be called."""

    def __init__(self, exchange: Exchange, slug: str, api_key: Optional[str], options: Optional[dict[str, Any]] = None) -> None:
        super().__init__(exchange.client, slug, api_key, options)
        self._exchange = exchange

    def with_options(self, **options: Unpack[Options]) -> AsyncEndpoint:
        """The same endpoint with other options, in seconds; connections are shared."""
        merged = self._merged(options)
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
        arguments = _arguments.text(self._begun, prompt, messages, temperature, max_tokens, extra)
        return await self._exchange.text("generate_text", arguments, TextResult)

    async def generate_text_stream(
        self,
        prompt: Optional[str] = None,
        messages: Optional[Messages] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        **extra: Any,
    ) -> AsyncTextStream:
        """Generates a text piece by piece. Returns once the stream is open: a refusal is raised here."""
        arguments = _arguments.text(self._begun, prompt, messages, temperature, max_tokens, extra)
        events = AsyncEvents(self._exchange, "generate_text_stream", arguments, TextChunk)
        await events.open()
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

    async def forecast(self, body: Mapping[str, Any]) -> ForecastResult:
        """Asks a workload of the task ``forecast``; ``body`` is what its backend takes, sent untouched."""
        from .results import ForecastResult

        given = {**self._own, "body": dict(body)}
        return ForecastResult.of(await self._exchange.call("forecast", given))

    async def submit_job(
        self,
        kind: str,
        body: Any,
        context: Any = None,
        idempotency_key: Optional[str] = None,
        *,
        content_type: Optional[str] = None,
    ) -> Job:
        """Hands in a job, which is durable when this returns; the platform does it on its own time.

        ``kind`` is such as ``chat``, ``embeddings`` or ``audio_transcriptions``; ``body`` what the route of the kind
        takes, as JSON, or as bytes of ``content_type``. ``context`` comes back untouched with the result. An
        ``idempotency_key`` lets a request that may have begun be sent again: one key, one job.
        """
        from .results import Job

        given = _arguments.job(kind, body, content_type, context, idempotency_key)
        return Job.of(await self._exchange.call("submit_job", {**self._own, **given}))

    async def get_job(self, id: str) -> Job:
        """Where a job stands, and its result once there is one."""
        from .results import Job

        return Job.of(await self._exchange.call("get_job", {**self._own, "job_id": id}))

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
        chunk: TextChunk = await self._events.next()
        return chunk

    async def __aenter__(self) -> AsyncTextStream:
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the request, at the event loop's next turn; from any thread."""
        self._events.close()


class _Pass:
    """One loop over a stream, which ends the stream when it is left."""

    def __init__(self, events: AsyncEvents) -> None:
        self._events = events

    def __aiter__(self) -> _Pass:
        return self

    async def __anext__(self) -> TextChunk:
        chunk: TextChunk = await self._events.next()
        return chunk

    def __del__(self) -> None:
        self._events.close()
