"""Medians, ratios within a round, and the table."""

import statistics


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def described(name: str, version: str, configuration: str) -> str:
    lines = [line.strip() for line in configuration.splitlines() if line.strip() and not line.startswith("#")]
    return f"{name} {version}: {' '.join(lines)}"


# case, measure, title, how a number is shown
ROWS = [
    ("whole_answers", "requests_per_s", "1 KB JSON, 32 connections: requests/s", "{:,.0f}"),
    ("whole_answers", "cpu_us_per_request", "  CPU µs per request", "{:,.1f}"),
    ("whole_answers", "p99_us", "  p99 µs (closed loop)", "{:,.0f}"),
    ("streams", "cpu_us_per_event", "512 × 200 B events, 32 streams: CPU µs/event", "{:,.3f}"),
    ("streams", "events_per_s", "  events/s", "{:,.0f}"),
    ("single_events", "cpu_us_per_event", "  one write per event: CPU µs/event", "{:.2f}"),
    ("paced_streams", "cpu_us_per_event", "500 streams × 50 events/s: CPU µs/event", "{:.2f}"),
    ("paced_streams", "event_p50_us", "  engine to client p50 µs", "{:,.0f}"),
    ("paced_streams", "event_p99_us", "  engine to client p99 µs", "{:,.0f}"),
    ("paced_streams", "added_gap_p99_us", "  added between two events p99 µs", "{:,.0f}"),
    ("third_of_load", "rate", "30 % load: requests/s, each sent when due", "{:,.0f}"),
    ("third_of_load", "added_p50_us", "  p50 added to direct, µs", "{:,.0f}"),
    ("third_of_load", "added_p99_us", "  p99 added to direct, µs", "{:,.0f}"),
    ("new_connections", "connections_per_s", "a connection per request: connections/s", "{:,.0f}"),
    ("new_connections", "cpu_us_per_connection", "  CPU µs per connection", "{:.1f}"),
    ("slow_clients", "p50_alone_us", "50 honest clients, 2,000 requests/s: p50 µs alone", "{:,.0f}"),
    ("slow_clients", "p50_beside_us", "  p50 µs beside 5,000 slow ones", "{:,.0f}"),
    ("slow_clients", "p99_alone_us", "  p99 µs alone", "{:,.0f}"),
    ("slow_clients", "p99_beside_us", "  p99 µs beside them", "{:,.0f}"),
    ("slow_clients", "p99_ratio", "  p99 beside them, to alone", "{:.2f}"),
    ("slow_clients", "core_share_beside", "  share of the core beside them", "{:.2f}"),
    ("slow_clients", "mb_beside", "  memory beside them, MiB PSS", "{:.1f}"),
    ("three_times", "peak_per_s", "engine with 32 places: good answers/s", "{:,.0f}"),
    ("three_times", "goodput_per_s", "  with 3 × as many asked for", "{:,.0f}"),
    ("three_times", "goodput_share", "  share of the peak", "{:.2f}"),
    ("memory", "idle_mb", "memory idle, MiB PSS", "{:.1f}"),
    ("open_streams", "mb_per_1000_streams", "  per 1,000 open streams, MiB", "{:.1f}"),
]
NAMES = ("direct", "nginx", "haproxy", "ik", "smg", "sglang-router", "litellm", "ik up")


def summarise(rounds: list[dict]) -> dict:
    """Per case, measure and server: the median; and the median, least and most of `ik` to it within a round."""
    summary: dict = {}
    for case, measure, _, _ in ROWS:
        for name in sorted({name for one in rounds for name in one.get(case, {})}):
            values = [one[case][name][measure] for one in rounds if name in one.get(case, {})]
            entry = {"median": statistics.median(values)}
            ratios = [
                one[case]["ik"][measure] / one[case][name][measure]
                for one in rounds
                if {name, "ik"} <= set(one.get(case, {})) and name != "ik" and one[case][name][measure]
            ]
            if ratios:
                entry["ik_to_it"] = {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
            summary.setdefault(case, {}).setdefault(measure, {})[name] = entry
    return summary


def table(summary: dict) -> str:
    measured = {name for case in summary.values() for by_name in case.values() for name in by_name}
    names = [name for name in NAMES if name in measured]
    lines = [f"{'':46}" + "".join(f"{name:>14}" for name in names)]
    for case, measure, title, form in ROWS:
        if by_name := summary.get(case, {}).get(measure):
            lines.append(f"{title:46}" + "".join(f"{_cell(name, measure, by_name, form):>14}" for name in names))
    return "\n".join(lines) if len(lines) > 1 else ""


def restless_rounds(rounds: list[dict]) -> list[int]:
    """Rounds with another machine: the loader alone reached 15 % more or less, or much of its time was taken away."""
    alone = [one.get("whole_answers", {}).get("direct", {}).get("requests_per_s") for one in rounds]
    known = [value for value in alone if value]
    middle = statistics.median(known) if known else 0
    return [
        number + 1
        for number, (value, one) in enumerate(zip(alone, rounds, strict=True))
        if (value and abs(value / middle - 1) > 0.15) or one["steal_share"] > 0.02
    ]


def telemetry_table(rounds: list[dict], names: list[str]) -> str:
    """What each of `names` takes, and its ratio to the first of them within a round: median (least–most)."""
    base = names[0]
    lines = [f"{'':52}{base:>12}" + "".join(f"{name:>12}{'/ ' + base:>24}" for name in names[1:])]
    for case, measure, title, form in ROWS:
        measured = [one[case] for one in rounds if set(names) <= set(one.get(case, {}))]
        if not measured:
            continue
        line = f"{title:52}{form.format(statistics.median(one[base][measure] for one in measured)):>12}"
        for name in names[1:]:
            ratios = [one[name][measure] / one[base][measure] for one in measured if one[base][measure]]
            ratio = f"{statistics.median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})" if ratios else "–"
            line += f"{form.format(statistics.median(one[name][measure] for one in measured)):>12}{ratio:>24}"
        lines.append(line)
    return "\n".join(lines)


def _cell(name: str, measure: str, by_name: dict, form: str) -> str:
    # The engine alone has no server whose CPU or memory could be counted.
    if name not in by_name or (name == "direct" and ("cpu" in measure or "mb" in measure)):
        return "–"
    return form.format(by_name[name]["median"])


def control_lines(control: dict) -> str:
    lines = []
    if spawn := control.get("declare_to_process"):
        lines.append(f"declare → engine process: {_quantiles(spawn)} ({spawn['samples']} times)")
    if listing := control.get("long_list"):
        lines.append(f"list of {listing['workloads']:,} workloads: {_quantiles(listing)}")
    if declares := control.get("durable_declares"):
        lines.append(f"durable declares: {declares['per_s']:,.0f} per second, {_quantiles(declares)}")
    return "\n".join(lines)


def _quantiles(measured: dict) -> str:
    return f"p50 {measured['p50_ms']:.1f} ms, p99 {measured['p99_ms']:.1f} ms"
