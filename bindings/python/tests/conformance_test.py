"""Every vector of conformance/: what the core decides, and what the classes send and give."""

import json
import pathlib

import pytest
import wire
from wire_comparison import holds

from inferencekey import DataClient, ManagementClient, WorkloadSpec, _native, errors, verify_webhook

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "conformance"
SUBJECTS = sorted(path.stem for path in FOLDER.glob("*.json"))
KINDS = {
    "configuration": errors.ConfigurationError,
    "validation": errors.ValidationError,
    "permission_denied": errors.PermissionDenied,
}


def cases():
    for subject in SUBJECTS:
        for case in json.loads((FOLDER / f"{subject}.json").read_text())["cases"]:
            yield pytest.param(subject, case["given"], case["expect"], id=f"{subject}: {case['name']}")


def spelled(message):
    return message.replace("{argument:", "").replace("}", "=") if "{argument:" in message else message


@pytest.mark.parametrize("subject, given, expect", list(cases()))
def test_case(subject, given, expect, monkeypatch):
    if subject == "sse":
        return check_events(given["text"], expect)
    if subject == "requests":
        return check_requests(given, expect)
    if subject == "configuration":
        check_configuration_of_the_classes(given, expect, monkeypatch)
        given = {**given, "language": "python"}
    found = _native.decide(subject, given)
    if isinstance(expect.get("error"), dict) and subject in ("spec-checks", "configuration"):
        wanted = expect["error"]
        assert found["error"]["kind"] == wanted["kind"]
        assert found["error"]["message"].startswith(spelled(wanted["message"]))
        assert found["error"].get("code") == wanted.get("code")
    else:
        assert found == expect
    if subject == "webhooks":
        check_webhook(given, expect, monkeypatch)


def check_events(text, expect):
    size = len(text.encode())
    for cuts in [*([place] for place in range(size + 1)), list(range(size))]:
        assert _native.decide("sse", {"text": text, "cuts": cuts}) == expect, cuts


def check_requests(given, expect):
    """Byte for byte, once through the blocking classes and once through asyncio's."""
    for perform in (wire.blocking, wire.asynchronous):
        found = wire.play(given, perform)
        assert found["requests"] == expect["requests"]
        if expect["error"] is None:
            assert found["error"] is None
            assert holds(found["result"], expect["result"]), found["result"]
        else:
            assert found["error"] is not None, found["result"]
            assert found["error"]["kind"] == expect["error"]["kind"]
            assert found["error"]["message"].startswith(expect["error"]["message"])
            assert found["error"]["code"] == expect["error"].get("code")


def check_webhook(given, expect, monkeypatch):
    """The same through the function that users have, at the moment of the case."""
    decide = _native.decide
    monkeypatch.setattr(_native, "decide", lambda subject, own: decide(subject, {**own, "now": given["now"]}))

    def verified():
        return verify_webhook(
            given["body"].encode(), given["headers"], given["secret"], given.get("tolerance", 300)
        )

    if "event" in expect:
        assert verified() == expect["event"]
        return
    with pytest.raises(errors.ValidationError) as raised:
        verified()
    assert str(raised.value) == expect["error"]["message"]
    assert raised.value.code == expect["error"].get("code")


def check_configuration_of_the_classes(given, expect, monkeypatch):
    """The same through the environment of the process and the classes that users have."""
    for name, value in given["environment"].items():
        monkeypatch.setenv(name, value)

    def settings():
        if given["client"] == "control":
            client = ManagementClient.from_env(**given["arguments"], max_retries=0, connect_timeout=0.001)
            # The last settings are checked before anything is sent.
            if "error" in expect:
                client.plan(WorkloadSpec("support-bot", "support-bot", "m", "vllm"))
            return None
        client = DataClient.from_env(**given["arguments"])
        endpoint = client.endpoint("support-bot")
        return {"base_url": endpoint.base_url, "project": endpoint.project}

    if "error" in expect:
        with pytest.raises(KINDS[expect["error"]["kind"]]) as raised:
            settings()
        assert str(raised.value).startswith(spelled(expect["error"]["message"]))
        assert raised.value.code == expect["error"].get("code")
    else:
        found = settings()
        assert found is None or found == expect
