"""Prints which cases of conformance/ each language passes, and exits with 1 where one fails or a subject is missing.

Usage: conformance_table.py FOLDER [LANGUAGE…], of which each must have left its results; without words those that are there
"""

import json
import pathlib
import sys

SUBJECTS = {
    path.stem: len(json.loads(path.read_text())["cases"])
    for path in sorted((pathlib.Path(__file__).resolve().parents[2] / "conformance").glob("*.json"))
}
ORDER = ["swift", "c", "python", "node", "go", "java"]


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    languages = sys.argv[2:] or [language for language in ORDER if (folder / f"{language}.json").exists()]
    found = {}
    for language in languages:
        path = folder / f"{language}.json"
        found[language] = json.loads(path.read_text()) if path.exists() else {}
    problems = []
    print(f"{'conformance':16}{'cases':>7}" + "".join(f"{language:>12}" for language in languages))
    for subject, count in SUBJECTS.items():
        cells = []
        for language in languages:
            cell, problem = judge(found[language].get(subject), count)
            cells.append(f"{cell:>12}")
            if problem:
                problems.append(f"{language}: {subject}: {problem}")
        print(f"{subject:16}{count:7}" + "".join(cells))
    totals = [sum(one.get("passed", 0) for one in found[language].values()) for language in languages]
    print(f"{'all':16}{sum(SUBJECTS.values()):7}" + "".join(f"{total:12}" for total in totals))
    for language in languages:
        for subject in found[language]:
            if subject not in SUBJECTS:
                problems.append(f"{language}: {subject} is no subject of conformance/")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def judge(counts: "dict | None", count: int) -> "tuple[str, str | None]":
    """What the table says, and what is wrong."""
    if counts is None:
        return "missing", "no case was run"
    passed, failed = counts["passed"], counts["failed"]
    if failed:
        return f"{passed} / {failed} ✗", f"{failed} failed"
    if passed != count:
        return f"{passed} ✗", f"{passed} of {count} cases were run"
    return str(passed), None


sys.exit(main())
