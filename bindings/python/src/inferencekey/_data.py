"""The blocking client of the data plane."""

from __future__ import annotations

from . import _arguments, _native
from ._settings import DataSettings, EndpointSettings
from ._texts import TextChunk, TextResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Iterator, Mapping, Optional, Sequence, Union

    from typing_extensions import Unpack

    from ._arguments import Messages
    from ._settings import Options
    from .results import EmbedResult, ForecastResult, Job, RerankResult, Response


class DataClient(DataSettings):
    """Calls workloads. Has no provisioning method: workloads are declared with a ``ManagementClient``.

    Safe to use from many threads, and in the child of a ``fork``; its endpoints share one pool of connections.
    """

    def _open(self, client: Any) -> None:
        self._client = client

    def endpoint(self, slug: str, api_key: Optional[str] = None) -> Endpoint:
        """The endpoint of one workload, with its own key where one is given. Nothing is sent."""
        return Endpoint(self._client, slug, api_key)

    def __enter__(self) -> DataClient:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every request of the client and of its endpoints, and closes their connections.

        What is called afterwards raises ``ConfigurationError``; what was waited for, or is read of a stream,
        ``CancelledError``. From any thread.
        """
        _native.close(self._client)


class Endpoint(EndpointSettings):
    """One workload that can be called."""

    def __init__(self, client: Any, slug: str, api_key: Optional[str], options: Optional[dict[str, Any]] = None) -> None:
        super().__init__(client, slug, api_key, options)
        self._client = client

    def with_options(self, **options: Unpack[Options]) -> Endpoint:
        """The same endpoint with other options, in seconds; connections are shared."""
        merged = self._merged(options)
        return Endpoint(self._client, self._own["slug"], self._own["api_key"], merged)

    def generate_text(
        self,
        prompt: Optional[str] = None,
        messages: Optional[Messages] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        **extra: Any,
    ) -> TextResult:
        """Generates a text and waits for the whole of it. ``extra`` are OpenAI fields, passed through untouched."""
        arguments = _arguments.text(self._begun, prompt, messages, temperature, max_tokens, extra)
        return _native.text(self._client, "generate_text", arguments, TextResult)

    def generate_text_stream(
        self,
        prompt: Optional[str] = None,
        messages: Optional[Messages] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        **extra: Any,
    ) -> TextStream:
        """Generates a text piece by piece. Returns once the stream is open: a refusal is raised here."""
        arguments = _arguments.text(self._begun, prompt, messages, temperature, max_tokens, extra)
        return TextStream(_native.Events(self._client, "generate_text_stream", arguments, kind=TextChunk))

    def embed(self, input: Union[str, Sequence[str]], **extra: Any) -> EmbedResult:
        """The vectors of one or more texts, in their order."""
        from .results import EmbedResult

        given = _arguments.embed(input, extra)
        return EmbedResult.of(_native.call(self._client, "embed", {**self._own, **given}))

    def rerank(
        self, query: str, documents: Sequence[str], top_n: Optional[int] = None, **extra: Any
    ) -> RerankResult:
        """Orders documents by how well they answer the query."""
        from .results import RerankResult

        given = _arguments.rerank(query, documents, top_n, extra)
        return RerankResult.of(_native.call(self._client, "rerank", {**self._own, **given}))

    def forecast(self, body: Mapping[str, Any]) -> ForecastResult:
        """Asks a workload of the task ``forecast``; ``body`` is what its backend takes, sent untouched."""
        from .results import ForecastResult

        given = {**self._own, "body": dict(body)}
        return ForecastResult.of(_native.call(self._client, "forecast", given))

    def submit_job(
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
        return Job.of(_native.call(self._client, "submit_job", {**self._own, **given}))

    def get_job(self, id: str) -> Job:
        """Where a job stands, and its result once there is one."""
        from .results import Job

        return Job.of(_native.call(self._client, "get_job", {**self._own, "job_id": id}))

    def request(
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
        return Response.of(_native.call(self._client, "request", {**self._own, **given}))


class TextStream:
    """The pieces of a text as they arrive. Leaving a loop over it, or its ``with`` block, closes the request."""

    def __init__(self, events: _native.Events) -> None:
        self._events = events

    def __iter__(self) -> Iterator[TextChunk]:
        return iter(self._events)

    def __next__(self) -> TextChunk:
        chunk: TextChunk = self._events.next()
        return chunk

    def __enter__(self) -> TextStream:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the request; from any thread."""
        self._events.close()
