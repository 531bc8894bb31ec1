"""What calls give back. Every result is immutable; ``raw`` holds the answer untouched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, TypeVar

from ._texts import TextChunk as TextChunk
from ._texts import TextResult as TextResult

T = TypeVar("T")


def build(kind: type[T], members: dict[str, Any]) -> T:
    """An instance with exactly these members, without the cost of a frozen ``__init__``: for results of the library."""
    made = object.__new__(kind)
    made.__dict__.update(members)
    return made


@dataclass(frozen=True)
class Usage:
    """How many tokens a call took."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


def _usage(members: dict[str, Any]) -> None:
    if members["usage"] is not None:
        members["usage"] = build(Usage, members["usage"])


@dataclass(frozen=True)
class EmbedResult:
    """The vectors of one or more texts, in their order."""

    embeddings: list[list[float]] = field(repr=False)
    model: str
    usage: Optional[Usage]
    raw: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def of(members: dict[str, Any]) -> EmbedResult:
        _usage(members)
        return build(EmbedResult, members)


@dataclass(frozen=True)
class RerankItem:
    """How well one document answers the query; ``index`` is its place in the request."""

    index: int
    relevance_score: float


@dataclass(frozen=True)
class RerankResult:
    """The documents in the order of the server, the best first."""

    results: list[RerankItem]
    model: str
    raw: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def of(members: dict[str, Any]) -> RerankResult:
        members["results"] = [build(RerankItem, item) for item in members["results"]]
        return build(RerankResult, members)


@dataclass(frozen=True)
class ForecastResult:
    """What a forecasting backend answered."""

    raw: Any

    @staticmethod
    def of(members: dict[str, Any]) -> ForecastResult:
        return build(ForecastResult, members)


@dataclass(frozen=True)
class Job:
    """Work that the platform does on its own time: it is kept until it is done, and its result for a while after."""

    id: str
    #: Where it stands; ``None`` in the answer to its submission.
    state: Optional[str]
    attempts: Optional[int]
    #: The result or where to get it, once there is one.
    result: Any = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def of(members: dict[str, Any]) -> Job:
        get = members.get
        return Job(members["job_id"], get("state"), get("attempts"), get("result"), members["raw"])


@dataclass(frozen=True)
class Response:
    """An answer of any other route, as it came."""

    status: int
    #: Pairs in the order and spelling of the server.
    headers: list[tuple[str, str]] = field(repr=False)
    content: bytes = field(repr=False)

    def header(self, name: str) -> Optional[str]:
        """The first value of the header, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; raises ``ApiError`` when it is none."""
        from json import loads

        from .errors import ApiError

        try:
            return loads(self.content)
        except ValueError as reason:
            message = f"api error (status {self.status}): the answer was not JSON ({reason}): {self.text[:200]}"
            raise ApiError(message, status=self.status, request_id=self.header("x-request-id")) from None

    @staticmethod
    def of(members: dict[str, Any]) -> Response:
        from base64 import b64decode

        content = b64decode(members["base64"]) if "base64" in members else members["text"].encode()
        return Response(members["status"], [(name, value) for name, value in members["headers"]], content)


@dataclass(frozen=True)
class FieldChange:
    """One declared field whose live value differs, and how the change would be carried out."""

    field: str
    from_value: Any
    to_value: Any
    #: ``in_place``, ``rolling`` or ``recreate``.
    effect: str


@dataclass(frozen=True)
class Plan:
    """What would change: ``create``, ``update`` or ``none``, and the changes of an update."""

    action: str
    changes: tuple[FieldChange, ...] = ()

    @property
    def has_changes(self) -> bool:
        return self.action != "none"

    @staticmethod
    def of(members: dict[str, Any]) -> Plan:
        changes = (FieldChange(one["field"], one["from"], one["to"], one["effect"]) for one in members["changes"])
        return Plan(members["action"], tuple(changes))


@dataclass(frozen=True)
class EndpointRef:
    """A declared workload: where it is called, and what ``ensure`` found or did."""

    project_slug: str
    workload_slug: str
    plan: Plan

    @staticmethod
    def of(members: dict[str, Any]) -> EndpointRef:
        return EndpointRef(members["project_slug"], members["workload_slug"], Plan.of(members["plan"]))


@dataclass(frozen=True)
class ReadinessEvent:
    """How far a workload is on its way to serving."""

    #: ``scheduling``, ``provisioning``, ``bootstrapping``, ``ready`` or ``error``.
    phase: str
    message: str
    #: Since the revision was accepted.
    elapsed_ms: int
    step: Optional[str] = None
    bytes_done: Optional[int] = None
    bytes_total: Optional[int] = None
    eta_ms: Optional[int] = None
    #: No progress for 60 s.
    stalled: bool = False
    cause: Optional[str] = None

    @staticmethod
    def of(members: dict[str, Any]) -> ReadinessEvent:
        names = ("step", "bytes_done", "bytes_total", "eta_ms", "cause")
        rest = {name: members.get(name) for name in names}
        return ReadinessEvent(
            members["phase"], members["message"], members["elapsed_ms"], stalled=members.get("stalled", False), **rest
        )


@dataclass(frozen=True)
class Workload:
    """A workload as the platform has it."""

    id: str
    name: str
    slug: str
    project_id: str
    project_slug: str
    workload_slug: str
    description: Optional[str]
    task_type: str
    backend: str
    model_name: str
    config: Optional[Mapping[str, Any]]
    worker_id: Optional[str]
    gpu_resource_id: Optional[str]
    execution_policy: str
    execution_policy_config: Optional[Mapping[str, Any]]
    #: Grows by one per accepted change.
    revision: int
    status: str
    status_reason: Optional[str]
    replacement: str
    created_at: str
    updated_at: str

    @staticmethod
    def of(members: dict[str, Any]) -> Workload:
        return build(Workload, members)


@dataclass(frozen=True)
class WorkloadReport:
    """How a workload stands: desired and observed replicas, each with the one reason for its state."""

    desired: int
    ready: int
    status: str
    status_reason: Optional[str]
    revision: int
    replicas: list[Mapping[str, Any]]
    raw: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def of(raw: dict[str, Any]) -> WorkloadReport:
        return WorkloadReport(
            raw.get("desired", 0),
            raw.get("ready", 0),
            raw.get("status", "pending"),
            raw.get("status_reason"),
            raw.get("revision", 0),
            raw.get("replicas", []),
            raw,
        )


@dataclass(frozen=True)
class LogLine:
    """One line that an engine wrote."""

    replica_id: str
    #: In RFC 3339; ``None`` where the engine's line has no time.
    timestamp: Optional[str]
    text: str

    @staticmethod
    def of(members: dict[str, Any]) -> LogLine:
        return LogLine(members["replica_id"], members["ts"], members["text"])
