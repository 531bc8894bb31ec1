"""What one stand-in process knows of itself: readiness, counters, and the requests it saw."""

import collections
import time
from dataclasses import dataclass, field

from .command_line import Launch
from .settings import ProcessSettings


@dataclass
class State:
    launch: Launch
    settings: ProcessSettings
    environment: dict[str, str]
    ready: bool = False
    draining: bool = False
    running: int = 0
    seen: int = 0
    finished: int = 0
    aborted: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    began: float = field(default_factory=time.time)
    loaded: dict[str, float] = field(default_factory=dict)  # Ollama: model -> time of its load
    pulled: set[str] = field(default_factory=set)  # Ollama: models on its disk
    failures: collections.Counter = field(default_factory=collections.Counter)  # per fail_key
    requests: collections.deque = field(default_factory=lambda: collections.deque(maxlen=500))

    def begin(self, request) -> dict:
        self.seen += 1
        self.running += 1
        record = {
            "method": request.method,
            "path": request.target,
            "headers": request.headers,
            "body": request.body[:4096].decode("utf-8", "replace"),
            "body_bytes": len(request.body),
            "began_ms": int(time.time() * 1000),
            "ended_ms": None,
            "outcome": "running",
        }
        self.requests.append(record)
        return record

    def fails(self, settings) -> bool:
        """Whether this request is one that is answered with `status`."""
        if settings.fail_times:
            self.failures[settings.fail_key] += 1
            return self.failures[settings.fail_key] <= settings.fail_times
        if settings.fail_first:
            return self.seen <= settings.fail_first
        return bool(settings.status)

    def end(self, record: dict, outcome: str) -> None:
        self.running -= 1
        record["ended_ms"], record["outcome"] = int(time.time() * 1000), outcome
        setattr(self, outcome, getattr(self, outcome) + 1)

    def summary(self) -> dict:
        names = (
            "ready",
            "draining",
            "running",
            "seen",
            "finished",
            "aborted",
            "failed",
            "prompt_tokens",
            "generated_tokens",
        )
        return {name: getattr(self, name) for name in names}
