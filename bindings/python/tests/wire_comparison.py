"""How results are compared with those of conformance/requests.json."""

from typing import Any


def holds(found: Any, expected: Any) -> bool:
    """Whether everything expected is there; further members of objects do not matter."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(key in found and holds(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        if not isinstance(found, (list, tuple)) or len(found) != len(expected):
            return False
        return all(holds(one, other) for one, other in zip(found, expected))
    return found == expected and isinstance(found, bool) == isinstance(expected, bool)
