"""Results and chunks of a text, apart from the other results: a client of the data plane has them from the start."""

from __future__ import annotations

from ._native import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from .results import Usage


class _Text(_core.Text):
    """What results and chunks share; the library makes them, and reads ``raw`` when it is asked for."""

    __slots__ = ()

    def _members(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and type(self) is type(other) and self._members() == other._members()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self._members())


class TextResult(_Text):
    """A whole generated text.

    ``text``, ``model``, ``finish_reason`` (such as ``stop`` or ``length``), ``usage``, and ``raw``: the answer untouched.
    """

    __slots__ = ()
    __match_args__ = ("text", "model", "finish_reason", "usage", "raw")

    def __new__(
        cls, text: str, model: str, finish_reason: Optional[str], usage: Optional[Usage], raw: Mapping[str, Any]
    ) -> TextResult:
        return _core.Text.__new__(cls, text, model, finish_reason, usage, raw)

    @property
    def model(self) -> str:
        return self._model or ""

    def _members(self) -> tuple[Any, ...]:
        return (self.text, self.model, self.finish_reason, self.usage, self.raw)

    def __repr__(self) -> str:
        return (
            f"TextResult(text={self.text!r}, model={self.model!r}, finish_reason={self.finish_reason!r}, "
            f"usage={self.usage!r})"
        )


class TextChunk(_Text):
    """A piece of a text as it is generated.

    ``text``, which may be empty, ``finish_reason``, ``usage``, and ``raw``: the event's data untouched.
    """

    __slots__ = ()
    __match_args__ = ("text", "finish_reason", "usage", "raw")

    def __new__(
        cls, text: str, finish_reason: Optional[str], usage: Optional[Usage], raw: Mapping[str, Any]
    ) -> TextChunk:
        return _core.Text.__new__(cls, text, None, finish_reason, usage, raw)

    def _members(self) -> tuple[Any, ...]:
        return (self.text, self.finish_reason, self.usage, self.raw)

    def __repr__(self) -> str:
        return f"TextChunk(text={self.text!r}, finish_reason={self.finish_reason!r}, usage={self.usage!r})"
