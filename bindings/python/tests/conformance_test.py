"""Every vector of conformance/, through the core."""

import json
import pathlib

import pytest

from inferencekey import _native, errors

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
def test_case(subject, given, expect):
    if subject == "configuration":
        given = {**given, "language": "python"}
    if subject == "sse":
        return check_events(given["text"], expect)
    found = _native.decide(subject, given)
    if isinstance(expect.get("error"), dict) and subject in ("spec-checks", "configuration"):
        wanted = expect["error"]
        assert found["error"]["kind"] == wanted["kind"]
        assert found["error"]["message"].startswith(spelled(wanted["message"]))
        assert found["error"].get("code") == wanted.get("code")
    else:
        assert found == expect


def check_events(text, expect):
    size = len(text.encode())
    for cuts in [*([place] for place in range(size + 1)), list(range(size))]:
        assert _native.decide("sse", {"text": text, "cuts": cuts}) == expect, cuts


def configurations():
    for case in json.loads((FOLDER / "configuration.json").read_text())["cases"]:
        yield pytest.param(case["given"], case["expect"], id=case["name"])


@pytest.mark.parametrize("given, expect", list(configurations()))
def test_configuration_of_the_classes(given, expect, monkeypatch):
    """The same cases again, through the environment of the process and the classes that users have."""
    from inferencekey import DataClient, ManagementClient, WorkloadSpec

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
