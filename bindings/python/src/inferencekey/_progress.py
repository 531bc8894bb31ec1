"""The built-in progress of ``wait_until_ready``: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, TextIO

    from .results import ReadinessEvent


class TerminalProgress:
    """Writes to standard error. Elsewhere than on a terminal a line is written only when phase or step change."""

    def __init__(self, slug: str, stream: Optional[TextIO] = None) -> None:
        self._slug = slug
        self._stream = stream or sys.stderr
        self._is_live = self._stream.isatty()
        self._last: Any = None

    def __call__(self, event: ReadinessEvent) -> None:
        line = self.line(event)
        if self._is_live:
            self._stream.write(f"\r\x1b[K{line}")
        elif (event.phase, event.step) != self._last:
            self._stream.write(line + "\n")
        self._last = (event.phase, event.step)
        self._stream.flush()

    def finish(self) -> None:
        """Leaves the live line standing."""
        if self._is_live and self._last is not None:
            self._stream.write("\n")
            self._stream.flush()
            self._last = None

    def line(self, event: ReadinessEvent) -> str:
        seconds = event.elapsed_ms // 1000
        words = [f"{self._slug}: {event.phase}", event.message]
        if event.bytes_done is not None:
            total = f" of {_size(event.bytes_total)}" if event.bytes_total else ""
            words.append(f"{_size(event.bytes_done)}{total}")
        if event.eta_ms is not None:
            words.append(f"about {event.eta_ms // 1000} s left")
        if event.stalled:
            words.append("no progress for 60 s")
        return f"{seconds // 60}:{seconds % 60:02} {' · '.join(word for word in words if word)}"


def _size(count: Optional[int]) -> str:
    size = float(count or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            break
        size /= 1000
    else:
        unit = "TB"
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
