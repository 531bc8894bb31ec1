"""The asynchronous client of the control plane."""

from __future__ import annotations

from . import _arguments, _native
from ._async_native import AsyncEvents, Exchange
from ._settings import ControlSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, AsyncIterator, Callable, Optional, Union

    from .enums import OnDrift
    from .results import EndpointRef, LogLine, Plan, ReadinessEvent, Workload, WorkloadReport
    from .spec import WorkloadSpec


class AsyncManagementClient(ControlSettings):
    """Declares workloads and looks after them. Has no inference method: endpoints are called with an ``AsyncDataClient``.

    For the tasks of one event loop at a time.
    """

    def _open(self, client: Any) -> None:
        super()._open(client)
        self._exchange = Exchange(client)

    async def ensure(
        self, spec: WorkloadSpec, on_drift: Union[OnDrift, str] = "reconcile", project: Optional[str] = None
    ) -> EndpointRef:
        """Makes the declared workload be there. Calling it again with the same spec changes nothing."""
        from .results import EndpointRef

        result = await self._exchange.call("ensure", self._given(**_arguments.ensure(spec, on_drift, project)))
        for text in result["warnings"]:
            import warnings

            from .errors import DriftWarning

            warnings.warn(text, DriftWarning, stacklevel=2)
        return EndpointRef.of(result)

    async def plan(self, spec: WorkloadSpec, project: Optional[str] = None) -> Plan:
        """What ``ensure`` would do. Changes nothing."""
        from .results import Plan

        return Plan.of(await self._exchange.call("plan", self._given(spec=spec.to_dict(), project=project)))

    async def delete(self, slug: str, project: Optional[str] = None) -> bool:
        """Deletes the workload: its replicas finish what they do and stop. False when it was gone already."""
        return bool((await self._exchange.call("delete", self._given(slug=slug, project=project)))["deleted"])

    async def get(self, slug: str, project: Optional[str] = None) -> Workload:
        """The workload. Raises ``NotFoundError`` where there is none."""
        from .results import Workload

        return Workload.of(await self._exchange.call("get", self._given(slug=slug, project=project)))

    async def list(self, project: Optional[str] = None) -> list[Workload]:
        """Every workload of the project, sorted by slug."""
        from .results import Workload

        return [Workload.of(one) for one in (await self._exchange.call("list", self._given(project=project)))["workloads"]]

    async def status(self, slug: str, project: Optional[str] = None) -> WorkloadReport:
        """Desired and observed replicas, each with the one reason for its state."""
        from .results import WorkloadReport

        return WorkloadReport.of(await self._exchange.call("status", self._given(slug=slug, project=project)))

    async def logs(
        self,
        slug: str,
        follow: bool = False,
        *,
        replica: Optional[str] = None,
        tail: Optional[int] = None,
        project: Optional[str] = None,
    ) -> AsyncIterator[LogLine]:
        """What the engines wrote; with ``follow`` also what they will write, until the loop over it is left."""
        from .results import LogLine

        place = self._given(slug=slug, project=project, replica=replica, tail=tail)
        if not follow:
            for line in (await self._exchange.call("logs", place))["lines"]:
                yield LogLine.of(line)
            return
        events = AsyncEvents(self._exchange, "follow_logs", _native.encode(place))
        try:
            while (batch := await events.more()) is not None:
                for line in batch:
                    yield LogLine.of(line)
        finally:
            events.close()

    async def wait_until_ready(
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
        events = AsyncEvents(self._exchange, "wait_until_ready", _native.encode(place))
        show = on_progress
        terminal = None
        if show is None and not silent:
            from ._progress import TerminalProgress

            show = terminal = TerminalProgress(slug)
        event: Optional[ReadinessEvent] = None
        try:
            while (batch := await events.more()) is not None:
                for members in batch:
                    event = ReadinessEvent.of(members)
                    if show is not None:
                        show(event)
        finally:
            events.close()
            if terminal is not None:
                terminal.finish()
        assert event is not None
        return event

    async def __aenter__(self) -> AsyncManagementClient:
        return self

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every request of the client, and of those made with ``with_options``, and closes their connections.

        What is called afterwards raises ``ConfigurationError``; what was waited for ``CancelledError``.
        """
        self._exchange.close()
