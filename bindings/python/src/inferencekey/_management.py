"""The blocking client of the control plane."""

from __future__ import annotations

from . import _arguments, _native
from ._settings import ControlSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Iterator, Optional, Union

    from .enums import OnDrift
    from .results import EndpointRef, LogLine, Plan, ReadinessEvent, Workload, WorkloadReport
    from .spec import WorkloadSpec


class ManagementClient(ControlSettings):
    """Declares workloads and looks after them. Has no inference method: endpoints are called with a ``DataClient``.

    Safe to use from many threads, and in the child of a ``fork``.
    """

    def ensure(
        self, spec: WorkloadSpec, on_drift: Union[OnDrift, str] = "reconcile", project: Optional[str] = None
    ) -> EndpointRef:
        """Makes the declared workload be there. Calling it again with the same spec changes nothing."""
        from .results import EndpointRef

        result = _native.call(self._client, "ensure", self._given(**_arguments.ensure(spec, on_drift, project)))
        for text in result["warnings"]:
            import warnings

            from .errors import DriftWarning

            warnings.warn(text, DriftWarning, stacklevel=2)
        return EndpointRef.of(result)

    def plan(self, spec: WorkloadSpec, project: Optional[str] = None) -> Plan:
        """What ``ensure`` would do. Changes nothing."""
        from .results import Plan

        return Plan.of(_native.call(self._client, "plan", self._given(spec=spec.to_dict(), project=project)))

    def delete(self, slug: str, project: Optional[str] = None) -> bool:
        """Deletes the workload: its replicas finish what they do and stop. False when it was gone already."""
        return bool(_native.call(self._client, "delete", self._given(slug=slug, project=project))["deleted"])

    def get(self, slug: str, project: Optional[str] = None) -> Workload:
        """The workload. Raises ``NotFoundError`` where there is none."""
        from .results import Workload

        return Workload.of(_native.call(self._client, "get", self._given(slug=slug, project=project)))

    def list(self, project: Optional[str] = None) -> list[Workload]:
        """Every workload of the project, sorted by slug."""
        from .results import Workload

        return [Workload.of(one) for one in _native.call(self._client, "list", self._given(project=project))["workloads"]]

    def status(self, slug: str, project: Optional[str] = None) -> WorkloadReport:
        """Desired and observed replicas, each with the one reason for its state."""
        from .results import WorkloadReport

        return WorkloadReport.of(_native.call(self._client, "status", self._given(slug=slug, project=project)))

    def logs(
        self,
        slug: str,
        follow: bool = False,
        *,
        replica: Optional[str] = None,
        tail: Optional[int] = None,
        project: Optional[str] = None,
    ) -> Iterator[LogLine]:
        """What the engines wrote; with ``follow`` also what they will write, until the loop over it is left."""
        from .results import LogLine

        place = self._given(slug=slug, project=project, replica=replica, tail=tail)
        if follow:
            return _followed(_native.Events(self._client, "follow_logs", _native.encode(place)))
        return iter([LogLine.of(line) for line in _native.call(self._client, "logs", place)["lines"]])

    def wait_until_ready(
        self,
        slug: str,
        timeout: float = 600.0,
        on_progress: Optional[Callable[[ReadinessEvent], object]] = None,
        silent: bool = False,
        project: Optional[str] = None,
    ) -> ReadinessEvent:
        """Returns when the workload is ready, with the event that said so.

        Without ``on_progress`` progress is shown on standard error, unless ``silent``. Raises ``ApiError`` whose ``code``
        is the cause when the workload cannot become ready, ``TimeoutError`` when the time is up.
        """
        from .results import ReadinessEvent

        place = self._given(slug=slug, project=project, timeout_ms=_native.milliseconds("timeout", timeout))
        events = _native.Events(self._client, "wait_until_ready", _native.encode(place), waits=False)
        show = on_progress
        terminal = None
        if show is None and not silent:
            from ._progress import TerminalProgress

            show = terminal = TerminalProgress(slug)
        event: Optional[ReadinessEvent] = None
        try:
            while not events.is_ended:
                for members in events.more():
                    event = ReadinessEvent.of(members)
                    if show is not None:
                        show(event)
        finally:
            events.close()
            if terminal is not None:
                terminal.finish()
        assert event is not None
        return event

    def __enter__(self) -> ManagementClient:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every request of the client, and of those made with ``with_options``, and closes their connections.

        What is called afterwards raises ``ConfigurationError``; what was waited for, or is read of a stream,
        ``CancelledError``. From any thread.
        """
        _native.close(self._client)


def _followed(events: _native.Events) -> Iterator[LogLine]:
    from .results import LogLine

    for members in events:
        yield LogLine.of(members)
