import json
import os
import pathlib
import sys
from collections.abc import Iterator

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from loopback import LoopbackServer  # noqa: E402

SECRET = "0123456789abcdef" * 4
TOKEN = f"ik_sdk_a1b2c3d4_{SECRET}"
KEY = f"ik_live_0badcafe_{SECRET}"


COUNTS: "dict[str, dict[str, int]]" = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Counts the cases of conformance/ by subject."""
    report = yield
    if report.when == "call" and item.name.startswith("test_case["):
        counts = COUNTS.setdefault(item.callspec.params["subject"], {"passed": 0, "failed": 0})
        counts["passed" if report.passed else "failed"] += 1
    return report


def pytest_sessionfinish() -> None:
    """Leaves the counts where IK_CONFORMANCE_RESULTS says."""
    folder = os.environ.get("IK_CONFORMANCE_RESULTS")
    if folder and COUNTS:
        pathlib.Path(folder, "python.json").write_text(json.dumps(COUNTS))


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("INFERENCEKEY_"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    made = LoopbackServer()
    yield made
    made.stop()


@pytest.fixture
def endpoint(server: LoopbackServer):
    from inferencekey import DataClient

    return DataClient(server.url, "acme", KEY, max_retries=0).endpoint("support-bot")


@pytest.fixture
def management(server: LoopbackServer):
    from inferencekey import ManagementClient

    return ManagementClient(server.url, TOKEN, "acme", max_retries=0)


def completion(text: str = "Hola", **more: object) -> dict:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    return {"id": "c-1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage, **more}


def delta(text: str, finish: "str | None" = None) -> dict:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def workload(**more: object) -> dict:
    return {
        "id": "wl_1", "name": "Bot", "description": None, "slug": "bot", "project_id": "prj_1", "project_slug": "acme",
        "workload_slug": "bot", "task_type": "text2text", "backend": "vllm", "model_name": "m", "config": None,
        "worker_id": None, "gpu_resource_id": None, "execution_policy": "fixed", "execution_policy_config": None,
        "revision": 1, "status": "ready", "status_reason": None, "replacement": "rolling",
        "created_at": "2026-11-24T08:00:00Z", "updated_at": "2026-11-24T08:00:00Z", **more,
    }  # fmt: skip
