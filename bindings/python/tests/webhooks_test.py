import hashlib
import hmac
import time

import pytest

from inferencekey import ValidationError, verify_webhook

BODY = '{"event":"job.completed","job_id":"j1","context":"señor"}'.encode()
SECRET = "a secret of a destination"


def headers(moment: float, body: bytes = BODY) -> dict:
    message = f"{int(moment)}.".encode() + body
    code = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    return {"X-InferenceKey-Signature": f"t={int(moment)},v1={code}"}


@pytest.mark.parametrize("body", [BODY, BODY.decode(), bytearray(BODY), memoryview(BODY)])
def test_a_delivery_of_this_moment(body):
    assert verify_webhook(body, headers(time.time()), SECRET) == {
        "event": "job.completed", "job_id": "j1", "context": "señor",
    }  # fmt: skip


def test_an_old_delivery_is_refused_unless_it_is_tolerated():
    old = headers(time.time() - 1000)
    with pytest.raises(ValidationError, match="signed 100. s ago, 300 s are allowed") as raised:
        verify_webhook(BODY, old, SECRET)
    assert raised.value.code == "timestamp_out_of_tolerance"
    assert verify_webhook(BODY, old, SECRET, tolerance=2000)["job_id"] == "j1"


def test_another_body_is_refused_and_no_error_tells_the_secret():
    with pytest.raises(ValidationError) as raised:
        verify_webhook(BODY + b" ", headers(time.time()), SECRET)
    assert raised.value.code == "invalid_signature" and SECRET not in str(raised.value)


def test_a_body_that_is_no_text_is_refused():
    with pytest.raises(ValidationError, match="not UTF-8") as raised:
        verify_webhook(b"\xff", headers(time.time(), b"\xff"), SECRET)
    assert raised.value.code == "invalid_body"


def test_headers_of_a_framework():
    """Anything with items() does, whatever it is."""

    class Headers:
        def items(self):
            return headers(time.time()).items()

    assert verify_webhook(BODY, Headers(), SECRET)["event"] == "job.completed"
