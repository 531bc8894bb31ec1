"""Where the platform under test is: read from the environment, as scripts/test-python documents it."""

import os
from dataclasses import dataclass

import pytest
from openai import AsyncOpenAI, OpenAI


@dataclass(frozen=True)
class Place:
    """A running platform with a chat workload and an embedding workload that are ready."""

    base_url: str
    project: str
    key: str
    other_key: str
    control_token: str
    chat: str
    chat_model: str
    embedding: str
    embedding_model: str

    def url(self, workload: str) -> str:
        return f"{self.base_url}/endpoint/{self.project}/{workload}/v1"

    def client(self, workload: str, key: str | None = None, **options) -> OpenAI:
        return OpenAI(base_url=self.url(workload), api_key=key or self.key, **options)

    def async_client(self, workload: str, **options) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=self.url(workload), api_key=self.key, **options)


def _required(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise pytest.UsageError(f"{name} is not set: these tests need a running platform; see scripts/test-python")
    return value


@pytest.fixture(scope="session")
def place() -> Place:
    return Place(
        base_url=_required("INFERENCEKEY_BASE_URL").rstrip("/"),
        project=_required("INFERENCEKEY_PROJECT"),
        key=_required("INFERENCEKEY_API_KEY"),
        other_key=_required("IK_TEST_OTHER_KEY"),
        control_token=_required("INFERENCEKEY_SDK_TOKEN"),
        chat=_required("IK_TEST_CHAT"),
        chat_model=_required("IK_TEST_CHAT_MODEL"),
        embedding=_required("IK_TEST_EMBEDDING"),
        embedding_model=_required("IK_TEST_EMBEDDING_MODEL"),
    )


@pytest.fixture
def chat(place: Place):
    with place.client(place.chat, max_retries=0) as client:
        yield client


@pytest.fixture
def embedding(place: Place):
    with place.client(place.embedding, max_retries=0) as client:
        yield client


@pytest.fixture
def faults(place: Place) -> str:
    """The slug of a workload that the stand-in engine serves."""
    slug = os.environ.get("IK_TEST_FAULTS", "").strip()
    if not slug:
        pytest.skip("IK_TEST_FAULTS is not set: no stand-in engine behind the platform")
    return slug
