"""What the Gateway shall reach against others in the same round, and whether it did."""

import statistics
from dataclasses import dataclass


@dataclass
class Target:
    """Of a measure of `ik`: its ratio to, or its difference from, that of another server; or itself."""

    title: str
    case: str
    measure: str
    bound: float
    # "≥" or "≤"
    relation: str
    against: str = ""
    how: str = "ratio"
    form: str = "{:.2f}"

    def values(self, rounds: list[dict]) -> list[float]:
        """One per round that measured it."""
        values = []
        for one in rounds:
            by_name = one.get(self.case, {})
            own, other = by_name.get("ik", {}).get(self.measure), by_name.get(self.against, {}).get(self.measure)
            if own is None or (self.against and not other):
                continue
            values.append(own if not self.against else own / other if self.how == "ratio" else own - other)
        return values

    def result(self, rounds: list[dict]) -> dict | None:
        values = self.values(rounds)
        if not values:
            return None
        median = statistics.median(values)
        reached = median >= self.bound if self.relation == "≥" else median <= self.bound
        return {
            "title": self.title,
            "bound": f"{self.relation} {self.form.format(self.bound)}",
            "median": median,
            "least": min(values),
            "most": max(values),
            "rounds": len(values),
            "reached": reached,
        }


_US, _MB = "{:,.0f} µs", "{:.1f} MiB"
TARGETS = [
    Target("requests/s, to nginx", "whole_answers", "requests_per_s", 1.05, "≥", "nginx"),
    Target("requests/s, to HAProxy", "whole_answers", "requests_per_s", 1.0, "≥", "haproxy"),
    Target("requests per s of CPU, to nginx", "whole_answers", "requests_per_cpu_s", 1.05, "≥", "nginx"),
    Target("requests per s of CPU, to HAProxy", "whole_answers", "requests_per_cpu_s", 1.0, "≥", "haproxy"),
    Target("requests/s, to smg", "whole_answers", "requests_per_s", 9, "≥", "smg"),
    Target("requests/s, to LiteLLM", "whole_answers", "requests_per_s", 500, "≥", "litellm", form="{:,.0f}"),
    Target("CPU per streamed event, to nginx", "streams", "cpu_us_per_event", 0.4, "≤", "nginx"),
    Target("CPU per streamed event, to HAProxy", "streams", "cpu_us_per_event", 1.0, "≤", "haproxy"),
    Target(
        *("p99 added between tokens, over nginx", "paced_streams", "added_gap_p99_us", 200, "≤", "nginx"),
        how="difference",
        form=_US,
    ),
    Target("p50 added at 30 % load", "third_of_load", "added_p50_us", 80, "≤", form=_US),
    Target("p99 added at 30 % load", "third_of_load", "added_p99_us", 250, "≤", form=_US),
    Target("memory idle", "memory", "idle_mb", 20, "≤", form=_MB),
    Target("memory per 1,000 open streams", "open_streams", "mb_per_1000_streams", 12, "≤", form=_MB),
    Target("new connections/s, to nginx", "new_connections", "connections_per_s", 0.7, "≥", "nginx"),
    Target("honest p99 beside 5,000 slow clients", "slow_clients", "p99_ratio", 1.1, "≤"),
    Target("good answers at 3 × the capacity", "three_times", "goodput_share", 0.9, "≥"),
]


def results(rounds: list[dict]) -> list[dict]:
    return [result for target in TARGETS if (result := target.result(rounds))]


def table(rounds: list[dict]) -> str:
    lines = [f"{'target':42}{'is':>12}{'shall be':>14}{'least–most':>22}"]
    for target in TARGETS:
        if result := target.result(rounds):
            spread = f"{target.form.format(result['least'])}–{target.form.format(result['most'])}"
            verdict = "reached" if result["reached"] else "missed"
            lines.append(
                f"{target.title:42}{target.form.format(result['median']):>12}{result['bound']:>14}"
                f"{spread if result['rounds'] > 1 else '–':>22}  {verdict}"
            )
    return "\n".join(lines) if len(lines) > 1 else ""
