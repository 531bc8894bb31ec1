"""Waiting for a condition with a deadline; no test waits for time to pass."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
PAUSE_S = 0.02
# What comes at all may come this late: a machine that runs other things too can stand still for seconds.
PATIENCE_S = 30
ATTEMPTS = 3


def wait_until(
    condition: Callable[[], Value], seconds: float, what: str = "", *, pause_s: float = PAUSE_S, strict: bool = False
) -> Value:
    """The first true value of `condition`; fails after so many seconds, saying what it waited for and what it saw last.

    A condition that raises is not met yet; what it raised last is told. Only where the seconds are a promise they are
    `strict`; else there is patience.
    """
    until = time.monotonic() + (seconds if strict else max(seconds, PATIENCE_S))
    seen: object = None
    while True:
        try:
            seen = condition()
            if seen:
                return seen
        except Exception as problem:  # noqa: BLE001 (anything may be raised while a platform comes up)
            seen = problem
        if time.monotonic() >= until:
            raise AssertionError(f"waited {seconds:g} s in vain for {what or condition}; last seen: {seen!r}")
        time.sleep(pause_s)


def keeps_promise(attempt: Callable[[], None]) -> None:
    """One attempt of a few succeeds: a promise in seconds that is broken is broken every time, a machine that stands
    still breaks one."""
    for left in reversed(range(ATTEMPTS)):
        try:
            return attempt()
        except AssertionError:
            if not left:
                raise


def holds_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Fails if `condition` is ever false within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert condition(), f"no longer true: {what}"
        time.sleep(PAUSE_S)
