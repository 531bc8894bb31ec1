"""What the clients raise: one closed list of kinds. No message holds a secret."""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Mapping, Optional


class InferenceKeyError(Exception):
    """Of every kind. ``str()`` says what happened and what to do."""

    def __init__(
        self,
        message: str,
        *,
        status: Optional[int] = None,
        code: Optional[str] = None,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
        fields: Optional[Mapping[str, str]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: The HTTP status of the answer, if there was one.
        self.status = status
        #: The platform's code, such as ``workload_not_ready``.
        self.code = code
        self.request_id = request_id
        #: Seconds after which the server says that a retry may succeed.
        self.retry_after = retry_after
        #: What is wrong, by field.
        self.fields: Mapping[str, str] = fields or {}

    def __reduce__(self) -> tuple[object, ...]:
        return (_restored, (type(self), self.message, self.__dict__))


class ConfigurationError(InferenceKeyError):
    """Before any request: something is missing or malformed in the configuration."""


class ValidationError(InferenceKeyError, ValueError):
    """A bad argument, 400, 422, or drift under ``OnDrift.FAIL``."""


class AuthError(InferenceKeyError):
    """401."""


class PermissionDenied(InferenceKeyError):
    """403, or the wrong kind of credential; ``code`` is the reason."""


class ApiError(InferenceKeyError):
    """Any other answer."""


class NotFoundError(ApiError):
    """404."""


class RateLimitError(ApiError):
    """429; ``retry_after`` says when to come back."""


class NetworkError(ApiError):
    """No answer, or one that was cut off."""


class TimeoutError(InferenceKeyError, builtins.TimeoutError):
    """A deadline passed."""


class CancelledError(InferenceKeyError):
    """The request was closed while it was waited for."""


class DriftWarning(UserWarning):
    """The live workload differs from its spec, under ``OnDrift.WARN``."""


_KINDS: dict[int, type[InferenceKeyError]] = {
    1: ConfigurationError,
    2: ValidationError,
    3: AuthError,
    4: PermissionDenied,
    5: NotFoundError,
    6: RateLimitError,
    7: ApiError,
    8: NetworkError,
    9: TimeoutError,
    10: CancelledError,
}


def make(
    kind: int,
    message: str,
    status: int,
    code: Optional[str],
    request_id: Optional[str],
    retry_after_ms: int,
    fields: str,
) -> InferenceKeyError:
    """The exception for an error of the library."""
    from json import loads

    return _KINDS.get(kind, InferenceKeyError)(
        message,
        status=status or None,
        code=code,
        request_id=request_id,
        retry_after=retry_after_ms / 1000 if retry_after_ms >= 0 else None,
        fields=loads(fields),
    )


def _restored(kind: type[InferenceKeyError], message: str, members: dict[str, object]) -> InferenceKeyError:
    error = kind(message)
    error.__dict__.update(members)
    return error
