"""The platform's own API as a client sees it: plain requests, every answer remembered for the search for secrets."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import httpx2 as httpx
from openai import OpenAI

from .waiting import wait_until

QUESTION = [{"role": "user", "content": "Say a few words."}]


class Witness:
    """Secrets that were ever shown, and error bodies that were ever answered."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.errors: list[str] = []
        self._lock = threading.Lock()

    def secret(self, name: str, value: str) -> str:
        with self._lock:
            self.secrets.setdefault(value, name)
        return value

    def error(self, body: str) -> None:
        with self._lock:
            if len(self.errors) < 100_000:
                self.errors.append(body)


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, response: httpx.Response):
        super().__init__(f"{response.request.method} {response.request.url} → {response.status_code}: {response.text}")
        self.status = response.status_code
        self.headers = response.headers
        self.response = response

    @property
    def body(self) -> dict:
        return self.response.json()


class Api:
    """One caller with one credential."""

    def __init__(self, base_url: str, credential: str | None, witness: Witness, timeout_s: float = 30):
        self.base_url = base_url
        self._witness = witness
        headers = {"authorization": f"Bearer {credential}"} if credential else {}
        self.http = httpx.Client(
            base_url=base_url,
            headers=headers,
            timeout=timeout_s,
            trust_env=False,
            limits=httpx.Limits(max_connections=200),
        )

    def call(self, method: str, path: str, **options) -> httpx.Response:
        response = self.http.request(method, path, **options)
        if response.status_code >= 400:
            self._witness.error(response.text + str(response.headers))
        return response

    def _ok(self, response: httpx.Response):
        if response.status_code >= 400:
            raise Refused(response)
        return response.json() if response.content else None

    def get(self, path: str, **query):
        return self._ok(self.call("GET", path, params=query))

    def post(self, path: str, body: dict | None = None):
        return self._ok(self.call("POST", path, json=body if body is not None else {}))

    def patch(self, path: str, body: dict, if_match: int | None = None):
        headers = {"if-match": f'"{if_match}"'} if if_match is not None else {}
        return self._ok(self.call("PATCH", path, json=body, headers=headers))

    def delete(self, path: str):
        return self._ok(self.call("DELETE", path))

    def close(self) -> None:
        self.http.close()


class Project:
    """A project with a control token, a data key for all of its workloads, and what tests do with workloads."""

    def __init__(self, operator: Api, slug: str, witness: Witness):
        self.operator, self.slug, self.witness = operator, slug, witness
        self.base_url = operator.base_url
        operator.post("/api/admin/projects", {"slug": slug})
        self.token = self.new_token()["token"]
        self.key = self.new_key()["key"]
        self.api = Api(self.base_url, self.token, witness)
        self.data = Api(self.base_url, self.key, witness)

    def new_token(self, **body) -> dict:
        made = self.operator.post(f"/api/admin/projects/{self.slug}/tokens", body)
        self.witness.secret(f"control token of {self.slug}", made["token"])
        return made

    def new_key(self, *grants: str, **body) -> dict:
        made = self.operator.post(f"/api/admin/projects/{self.slug}/keys", {"grants": list(grants) or ["*"], **body})
        self.witness.secret(f"data key of {self.slug}", made["key"])
        return made

    # --- Declaring.

    @property
    def path(self) -> str:
        return f"/api/projects/{self.slug}/workloads"

    def create(self, body: dict) -> dict:
        return self.api.post(self.path, body)

    def all(self) -> list[dict]:
        return self.api.get(self.path)

    def get(self, slug: str) -> dict:
        return self.api.get(f"/api/workloads/{slug}")

    def patch(self, slug: str, body: dict, if_match: int | None = None) -> dict:
        return self.api.patch(f"/api/workloads/{slug}", body, if_match)

    def scale(self, slug: str, replicas: int) -> dict:
        return self.patch(slug, {"execution_policy_config": {"replicas": replicas}})

    def status(self, slug: str) -> dict:
        return self.api.get(f"/api/workloads/{slug}/status")

    def explain(self, slug: str) -> dict:
        return self.api.get(f"/api/workloads/{slug}/explain")

    def revisions(self, slug: str) -> list[dict]:
        return self.api.get(f"/api/workloads/{slug}/revisions")

    def ready(self, slug: str, replicas: int = 1) -> list[dict]:
        """The replicas that serve, if as many as wanted do and there is no other; else nothing."""
        status = self.status(slug)
        serving = [each for each in status["replicas"] if each["state"] == "ready"]
        whole = status["status"] == "ready" and len(status["replicas"]) == len(serving) == replicas
        return serving if whole else []

    def delete_all(self) -> None:
        for workload in self.all():
            self.api.delete(f"/api/workloads/{workload['id']}")

    # --- Calling.

    def url(self, slug: str) -> str:
        return f"{self.base_url}/endpoint/{self.slug}/{slug}/v1"

    def openai(self, slug: str, key: str | None = None, **options) -> OpenAI:
        options = {"max_retries": 0, "timeout": 60, **options}
        return OpenAI(
            base_url=self.url(slug),
            api_key=key or self.key,
            http_client=httpx.Client(trust_env=False, verify=False),
            **options,
        )

    def ask(self, slug: str, key: str | None = None, **fields) -> httpx.Response:
        """One plain chat request."""
        body = {"model": slug, "messages": QUESTION, "max_tokens": 4, **fields}
        headers = {"authorization": f"Bearer {key or self.key}"}
        return self.data.call("POST", f"/endpoint/{self.slug}/{slug}/v1/chat/completions", json=body, headers=headers)

    def answers(self, slug: str, **fields) -> bool:
        return self.ask(slug, **fields).status_code == 200

    def served(self, slug: str, replicas: int = 1, seconds: float = 30, key: str | None = None) -> list[dict]:
        """Waits until so many replicas, and no other, serve, and the Gateway knows; returns them."""

        def serves() -> bool:
            return bool(self.ready(slug, replicas)) and self.ask(slug, key=key).status_code == 200

        # After a start of the Manager a replica counts as doing what it did last until its worker is heard.
        wait_until(serves, seconds, f"{replicas} replicas of {slug} and an answer")
        return wait_until(lambda: self.ready(slug, replicas), seconds, f"{replicas} replicas of {slug}")


def free_port() -> int:
    """One that stays a platform's while it is down: below those that the kernel gives to anybody."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def sse(lines: Iterator[str]) -> Iterator[str]:
    """The data of each event of a stream."""
    for line in lines:
        if line.startswith("data:"):
            yield line[5:].strip()


def refused(answer: httpx.Response, status: int, code: str, *fields: str) -> dict:
    """Asserts the form of a refusal on `/api`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert body["error"] == code and body["message"] and body["request_id"] == answer.headers["x-request-id"], body
    for field in fields:
        assert body["fields"][field], body
    return body


def read_phases(project: Project, slug: str) -> list[str]:
    """The phases of the readiness events, up to the end of the stream."""
    with project.api.http.stream("GET", f"{project.path}/{slug}/readiness-events") as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(data)["phase"] for data in sse(answer.iter_lines())]
