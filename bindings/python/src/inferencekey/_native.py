"""The way to the library: settings in, JSON out, errors as exceptions."""

from __future__ import annotations

import os
from json import JSONEncoder, loads

from . import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Mapping, Optional, TypeVar

    T = TypeVar("T", bound="_core.Text")

try:
    from . import _core as _core
except ImportError as reason:
    raise errors.ConfigurationError(
        f"configuration error: the native library cannot be loaded ({reason}). "
        "Install the package again: pip install --force-reinstall inferencekey"
    ) from reason

_wanted, _found = _core.abi_versions()
if _wanted != _found:
    raise errors.ConfigurationError(
        f"configuration error: the native library has ABI version {_found}, and this package needs {_wanted}. "
        "Install the package again: pip install --force-reinstall inferencekey"
    )


def _usage(text: bytes) -> Any:
    from .results import Usage

    return Usage(**loads(text))


_core.set_factories(errors.make, loads, _usage)
_encode = JSONEncoder(allow_nan=False).encode

_VARIABLES = ("INFERENCEKEY_SDK_TOKEN", "INFERENCEKEY_API_KEY", "INFERENCEKEY_PROJECT", "INFERENCEKEY_BASE_URL")


def environment() -> dict[str, str]:
    """The variables that settings are taken from."""
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}


def milliseconds(name: str, seconds: Optional[float]) -> Optional[int]:
    """Whole milliseconds; raises ``ValidationError`` for what is no number of them."""
    if seconds is None:
        return None
    try:
        return max(0, round(seconds * 1000))
    except (TypeError, ValueError, OverflowError):
        raise errors.ValidationError(f"validation error: {name} must be a finite number of seconds, not {seconds!r}") from None


def options(
    max_retries: Optional[int] = None,
    connect_timeout: Optional[float] = None,
    request_timeout: Optional[float] = None,
    stream_idle_timeout: Optional[float] = None,
) -> dict[str, Any]:
    """The options of the library, from seconds; those not given are left out."""
    given = {
        "max_retries": max_retries,
        "connect_timeout_ms": milliseconds("connect_timeout", connect_timeout),
        "request_timeout_ms": milliseconds("request_timeout", request_timeout),
        "stream_idle_timeout_ms": milliseconds("stream_idle_timeout", stream_idle_timeout),
    }
    return {name: value for name, value in given.items() if value is not None}


def client(plane: str, settings: Mapping[str, Any]) -> Any:
    return _core.client(encode({"plane": plane, "language": "python", **settings}))


def encode(value: Any) -> str:
    """Raises ``ValidationError`` for what JSON cannot say."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError) as reason:
        raise errors.ValidationError(f"validation error: an argument cannot be sent as JSON: {reason}") from None


def call(native: Any, operation: str, arguments: dict[str, Any]) -> Any:
    """The result of a plain operation."""
    return loads(_core.call(native, operation, encode(arguments)))


#: Ends every request of the client and closes its connections.
close = _core.close_client

#: The same as ``call`` of an operation whose result is a text: client, operation, arguments in JSON, class.
text = _core.call


def decide(subject: str, given: Any) -> Any:
    """What the core decides about it, as ``conformance/`` describes."""
    return loads(_core.decide(subject, encode(given)))


def busy(reader: str) -> errors.ValidationError:
    """What a second reader of a stream is refused with."""
    return errors.ValidationError(
        f"validation error: another {reader} reads this stream; a stream is for one reader at a time"
    )


class Events:
    """The events of a streaming operation, which is open once this is made. For one reader at a time.

    It begins from its arguments in JSON. The events are decoded JSON, or chunks of the class where one is given.
    """

    __slots__ = ("_native", "_request", "_ready", "_kind", "is_ended")

    def __init__(
        self, native: Any, operation: str, arguments: str, waits: bool = True, kind: Optional[type[T]] = None
    ) -> None:
        self._native = native
        self._request = _core.start(native, operation, arguments, _core.ON_CALLING_THREAD)
        self._ready: list[Any] = []
        self._kind = kind
        self.is_ended = False
        if waits:
            self._ready = self.more()[::-1]

    def more(self) -> list[Any]:
        """Everything that has arrived, waiting for it; nothing at the end."""
        try:
            if self._kind is not None:
                status, found = _core.next(self._request, -1, self._kind)
            else:
                status, found = _core.next(self._request, -1)
        except BaseException:
            self.close()
            raise
        if status == _core.OK:
            return found if self._kind is not None else loads(found)  # type: ignore[no-any-return]
        if status == _core.BUSY:
            raise busy("thread")
        self.close()
        return []

    def next(self) -> Any:
        """The next event; raises ``StopIteration`` at the end."""
        while not self._ready or _core.is_closed(self._native):
            if self.is_ended:
                raise StopIteration
            self._ready = self.more()[::-1]
        return self._ready.pop()

    def __iter__(self) -> Iterator[Any]:
        """What is left; closes the connection when the loop over it is left."""
        try:
            while not self.is_ended:
                batch, self._ready = self._ready[::-1], []
                for event in batch or self.more():
                    if self.is_ended or _core.is_closed(self._native):
                        break
                    yield event
        except GeneratorExit:
            self.close()
            raise

    def close(self) -> None:
        """Closes the connection."""
        self.is_ended = True
        self._ready = []
        _core.close(self._request)
