"""Declare AI workloads in code, and call them.

    from inferencekey import Backend, DataClient, ManagementClient, WorkloadSpec

    management = ManagementClient.from_env(project="acme")
    ref = management.ensure(WorkloadSpec(name="support-bot", slug="support-bot", model="…", backend=Backend.VLLM))
    management.wait_until_ready(ref.workload_slug)
    print(DataClient.from_env(project="acme").endpoint(ref.workload_slug).generate_text(prompt="Hola").text)

Every name is loaded when it is first used; importing the package costs next to nothing.
"""

from __future__ import annotations

from ._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_data import AsyncDataClient, AsyncEndpoint, AsyncTextStream
    from ._async_management import AsyncManagementClient
    from ._data import DataClient, Endpoint, TextStream
    from ._management import ManagementClient
    from .enums import Backend, ExecutionPolicy, OnDrift, TaskType
    from .errors import (
        ApiError,
        AuthError,
        CancelledError,
        ConfigurationError,
        DriftWarning,
        InferenceKeyError,
        NetworkError,
        NotFoundError,
        PermissionDenied,
        RateLimitError,
        TimeoutError,
        ValidationError,
    )
    from .results import (
        EmbedResult,
        EndpointRef,
        FieldChange,
        ForecastResult,
        Job,
        LogLine,
        Plan,
        ReadinessEvent,
        RerankItem,
        RerankResult,
        Response,
        TextChunk,
        TextResult,
        Usage,
        Workload,
        WorkloadReport,
    )
    from .spec import WorkloadSpec
    from .webhooks import verify_webhook

_PLACES = {
    "AsyncDataClient": "_async_data",
    "AsyncEndpoint": "_async_data",
    "AsyncTextStream": "_async_data",
    "AsyncManagementClient": "_async_management",
    "DataClient": "_data",
    "Endpoint": "_data",
    "TextStream": "_data",
    "ManagementClient": "_management",
    "WorkloadSpec": "spec",
    "verify_webhook": "webhooks",
    **dict.fromkeys(["Backend", "ExecutionPolicy", "OnDrift", "TaskType"], "enums"),
    **dict.fromkeys(
        [
            "ApiError",
            "AuthError",
            "CancelledError",
            "ConfigurationError",
            "DriftWarning",
            "InferenceKeyError",
            "NetworkError",
            "NotFoundError",
            "PermissionDenied",
            "RateLimitError",
            "TimeoutError",
            "ValidationError",
        ],
        "errors",
    ),
    **dict.fromkeys(
        [
            "EmbedResult",
            "EndpointRef",
            "FieldChange",
            "ForecastResult",
            "Job",
            "LogLine",
            "Plan",
            "ReadinessEvent",
            "RerankItem",
            "RerankResult",
            "Response",
            "TextChunk",
            "TextResult",
            "Usage",
            "Workload",
            "WorkloadReport",
        ],
        "results",
    ),
}

__all__ = [
    "ApiError",
    "AsyncDataClient",
    "AsyncEndpoint",
    "AsyncManagementClient",
    "AsyncTextStream",
    "AuthError",
    "Backend",
    "CancelledError",
    "ConfigurationError",
    "DataClient",
    "DriftWarning",
    "EmbedResult",
    "Endpoint",
    "EndpointRef",
    "ExecutionPolicy",
    "FieldChange",
    "ForecastResult",
    "InferenceKeyError",
    "Job",
    "LogLine",
    "ManagementClient",
    "NetworkError",
    "NotFoundError",
    "OnDrift",
    "PermissionDenied",
    "Plan",
    "RateLimitError",
    "ReadinessEvent",
    "RerankItem",
    "RerankResult",
    "Response",
    "TaskType",
    "TextChunk",
    "TextResult",
    "TextStream",
    "TimeoutError",
    "Usage",
    "ValidationError",
    "Workload",
    "WorkloadReport",
    "WorkloadSpec",
    "__version__",
    "verify_webhook",
]


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{place}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
