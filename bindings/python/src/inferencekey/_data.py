"""The blocking client of the data plane."""

from __future__ import annotations

from . import _arguments, _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Iterator, Mapping, Optional, Sequence, Union

    from ._arguments import Messages
    from .results import EmbedResult, RerankResult, Response, TextChunk, TextResult


class DataClient:
    """Calls workloads. Has no provisioning method: workloads are declared with a ``ManagementClient``.

    Safe to use from many threads, and in the child of a ``fork``; its endpoints share one pool of connections.
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
    ) -> DataClient:
        """Takes what is not given from ``INFERENCEKEY_API_KEY``, ``INFERENCEKEY_PROJECT`` and ``INFERENCEKEY_BASE_URL``."""
        options = _native.options(max_retries, connect_timeout, request_timeout, stream_idle_timeout)
        settings = {"base_url": base_url, "project": project, "api_key": api_key, "options": options}
        client = cls.__new__(cls)
        client._open({**settings, "environment": _native.environment()})
        return client

    def _open(self, settings: dict[str, Any]) -> None:
        self._client = _native.client("data", settings)

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
        """Lets go of the connections; they close when the last endpoint and the last request are gone."""
        self._client = None


class Endpoint:
    """One workload that can be called."""

    def __init__(self, client: Any, slug: str, api_key: Optional[str], options: Optional[dict[str, Any]] = None) -> None:
        self._client = client
        self._own: dict[str, Any] = {"slug": slug, "api_key": api_key}
        if options:
            self._own["options"] = options
        place = _native.call(client, "endpoint", self._own)
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
    ) -> Endpoint:
        """The same endpoint with other options, in seconds; connections are shared."""
        options = _native.options(max_retries, connect_timeout, request_timeout, stream_idle_timeout)
        merged = {**self._own.get("options", {}), **options}
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
        from .results import TextResult

        given = _arguments.text(prompt, messages, temperature, max_tokens, extra)
        return TextResult.of(_native.call(self._client, "generate_text", {**self._own, **given}))

    def generate_text_stream(
        self,
        prompt: Optional[str] = None,
        messages: Optional[Messages] = None,
        temperature: Optional[float] = None,
        max_tokens: Optional[int] = None,
        **extra: Any,
    ) -> TextStream:
        """Generates a text piece by piece. Returns once the stream is open: a refusal is raised here."""
        given = _arguments.text(prompt, messages, temperature, max_tokens, extra)
        return TextStream(_native.Events(self._client, "generate_text_stream", {**self._own, **given}))

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
        from .results import TextChunk

        of = TextChunk.of
        events = self._events
        try:
            for members in events.rest():
                yield of(members)
            while not events.is_ended:
                for members in events.more():
                    yield of(members)
        finally:
            events.close()

    def __next__(self) -> TextChunk:
        from .results import TextChunk

        return TextChunk.of(self._events.next())

    def __enter__(self) -> TextStream:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the request; from any thread."""
        self._events.close()
