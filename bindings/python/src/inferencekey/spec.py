"""A workload as its user declares it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Mapping, Optional, Union

from .enums import Backend, ExecutionPolicy, TaskType


@dataclass(frozen=True)
class WorkloadSpec:
    """One model, one backend, one policy. A field left ``None`` is never drift."""

    name: str
    slug: str
    #: A hub name such as ``Qwen/Qwen2.5-0.5B-Instruct``, a path, or an Ollama tag.
    model: str
    backend: Union[Backend, str]
    project: Optional[str] = None
    description: Optional[str] = None
    #: The engine's command line, such as ``vllm serve NAME --max-model-len 8192``.
    command: Optional[str] = None
    vllm_version: Optional[str] = None
    task_type: Union[TaskType, str, None] = None
    config: Optional[Mapping[str, Any]] = None
    execution_policy: Union[ExecutionPolicy, str, None] = None
    execution_policy_config: Optional[Mapping[str, Any]] = None
    worker_id: Optional[str] = None
    gpu_resource_id: Optional[str] = None

    def to_dict(self) -> dict[str, Any]:
        """The declared fields, as the wire names them."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else dict(value) if isinstance(value, Mapping) else value
