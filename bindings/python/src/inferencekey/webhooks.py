"""Deliveries of the platform to a service of yours."""

from __future__ import annotations

from . import _native, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Union


def verify_webhook(
    raw_body: Union[bytes, str], headers: Mapping[str, str], secret: str, tolerance: float = 300
) -> Any:
    """Checks that a delivery comes from who has the secret, and lately, and gives its event.

    ``raw_body`` is the body as it came, before anything parsed it; the case of the headers' names does not matter. An
    event may come more than once: its ``job_id`` tells. Raises ``ValidationError`` whose ``code`` is
    ``missing_signature``, ``invalid_signature``, ``timestamp_out_of_tolerance`` (in seconds, before or after now),
    ``missing_secret`` or ``invalid_body``.
    """
    if not isinstance(raw_body, str):
        try:
            raw_body = bytes(raw_body).decode()
        except UnicodeDecodeError:
            message = "validation error: the body is not UTF-8; pass it as it came"
            raise errors.ValidationError(message, code="invalid_body") from None
    given = {"body": raw_body, "headers": dict(headers.items()), "secret": secret, "tolerance": tolerance}
    found = _native.decide("webhooks", given)
    if "error" in found:
        raise errors.ValidationError(found["error"]["message"], code=found["error"].get("code"))
    return found["event"]
