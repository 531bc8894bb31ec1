"""What the constructors of the clients take, in one place for the blocking and the asynchronous ones."""

from __future__ import annotations

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, TypedDict, TypeVar

    from typing_extensions import Unpack

    class Options(TypedDict, total=False):
        """How patiently a client works. Times are in seconds; what is not given, or ``None``, is the client's or its default."""

        #: How often a request is sent again at most; 2.
        max_retries: Optional[int]
        #: Name look-up, connection and TLS handshake together; 5.
        connect_timeout: Optional[float]
        #: A whole call with its retries, or a stream until it opens; 600.
        request_timeout: Optional[float]
        #: Between two pieces of a stream; 120.
        stream_idle_timeout: Optional[float]

    Control = TypeVar("Control", bound="ControlSettings")
    Data = TypeVar("Data", bound="DataSettings")


class ControlSettings:
    """Of the clients that declare workloads."""

    _client: Any
    _options: dict[str, Any]

    def __init__(
        self,
        base_url: Optional[str] = None,
        sdk_token: Optional[str] = None,
        project: Optional[str] = None,
        **options: Unpack[Options],
    ) -> None:
        """``sdk_token`` is a control token, ``ik_sdk_…``. Nothing is taken from the environment: see ``from_env``."""
        settings = {"base_url": base_url, "sdk_token": sdk_token, "project": project, "options": _native.options(**options)}
        self._open(_native.client("control", settings))

    @classmethod
    def from_env(
        cls: type[Control],
        base_url: Optional[str] = None,
        project: Optional[str] = None,
        sdk_token: Optional[str] = None,
        **options: Unpack[Options],
    ) -> Control:
        """Takes what is not given from ``INFERENCEKEY_SDK_TOKEN``, ``INFERENCEKEY_PROJECT`` and ``INFERENCEKEY_BASE_URL``."""
        settings = {"base_url": base_url, "sdk_token": sdk_token, "project": project, "options": _native.options(**options)}
        made = cls.__new__(cls)
        made._open(_native.client("control", {**settings, "environment": _native.environment()}))
        return made

    def with_options(self: Control, **options: Unpack[Options]) -> Control:
        """The same client with other options, in seconds; connections are shared."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._options = {**self._options, **_native.options(**options)}
        return made

    def _open(self, client: Any) -> None:
        self._client = client
        self._options = {}

    def _given(self, **arguments: Any) -> dict[str, Any]:
        """The arguments of an operation."""
        return {**arguments, "options": self._options} if self._options else arguments


class DataSettings:
    """Of the clients that call workloads."""

    def __init__(
        self,
        base_url: Optional[str] = None,
        project: Optional[str] = None,
        api_key: Optional[str] = None,
        **options: Unpack[Options],
    ) -> None:
        """``api_key`` is a data key, ``ik_live_…``. Nothing is taken from the environment: see ``from_env``."""
        settings = {"base_url": base_url, "project": project, "api_key": api_key, "options": _native.options(**options)}
        self._open(_native.client("data", settings))

    @classmethod
    def from_env(
        cls: type[Data],
        base_url: Optional[str] = None,
        project: Optional[str] = None,
        api_key: Optional[str] = None,
        **options: Unpack[Options],
    ) -> Data:
        """Takes what is not given from ``INFERENCEKEY_API_KEY``, ``INFERENCEKEY_PROJECT`` and ``INFERENCEKEY_BASE_URL``."""
        settings = {"base_url": base_url, "project": project, "api_key": api_key, "options": _native.options(**options)}
        made = cls.__new__(cls)
        made._open(_native.client("data", {**settings, "environment": _native.environment()}))
        return made

    def _open(self, client: Any) -> None:
        raise NotImplementedError


class EndpointSettings:
    """Of one workload that is called."""

    def __init__(self, client: Any, slug: str, api_key: Optional[str], options: Optional[dict[str, Any]]) -> None:
        self._own: dict[str, Any] = {"slug": slug, "api_key": api_key}
        if options:
            self._own["options"] = options
        #: The same in JSON, without its end.
        self._begun = _native.encode(self._own)[:-1]
        place = _native.call(client, "endpoint", self._own)
        self.workload_slug: str = place["workload_slug"]
        self.project: str = place["project"]
        #: What any OpenAI client takes as its base URL.
        self.base_url: str = place["base_url"]

    def _merged(self, options: Options) -> dict[str, Any]:
        return {**self._own.get("options", {}), **_native.options(**options)}
