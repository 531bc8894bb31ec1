"""Medians, ratios within a round, and the table."""

import statistics


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# case, measure, title, how a number is shown
ROWS = [
    ("whole_answers", "requests_per_s", "1 KB JSON, 32 connections: requests/s", "{:,.0f}"),
    ("whole_answers", "cpu_us_per_request", "  CPU µs per request", "{:.2f}"),
    ("whole_answers", "p99_us", "  p99 µs (closed loop)", "{:,.0f}"),
    ("streams", "cpu_us_per_event", "512 × 200 B events, 32 streams: CPU µs per event", "{:.3f}"),
    ("streams", "events_per_s", "  events/s", "{:,.0f}"),
    ("single_events", "cpu_us_per_event", "  the same, one write per event: CPU µs per event", "{:.2f}"),
    ("paced_streams", "cpu_us_per_event", "200 streams × 50 events/s: CPU µs per event", "{:.2f}"),
    ("paced_streams", "event_p50_us", "  engine to client p50 µs", "{:,.0f}"),
    ("paced_streams", "event_p99_us", "  engine to client p99 µs", "{:,.0f}"),
    ("open_streams", "idle_mb", "memory idle, MiB PSS", "{:.1f}"),
    ("open_streams", "mb_per_1000_streams", "  per 1,000 open streams, MiB", "{:.1f}"),
]


def summarise(rounds: list[dict]) -> dict:
    """Per case, measure and server: the median; and the median, least and most of its ratio to nginx within a round."""
    summary: dict = {}
    for case, measure, _, _ in ROWS:
        servers = sorted({name for one in rounds for name in one.get(case, {})})
        for name in servers:
            values = [one[case][name][measure] for one in rounds if name in one.get(case, {})]
            entry = {"median": statistics.median(values)}
            ratios = [
                one[case][name][measure] / one[case]["nginx"][measure]
                for one in rounds
                if name in one.get(case, {}) and one[case].get("nginx", {}).get(measure)
            ]
            if ratios:
                entry["to_nginx"] = {"median": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
            summary.setdefault(case, {}).setdefault(measure, {})[name] = entry
    return summary


def table(summary: dict, control: dict) -> str:
    names = [
        name
        for name in ("direct", "nginx", "ik")
        if any(name in by_name for case in summary.values() for by_name in case.values())
    ]
    lines = [
        f"{'':52}"
        + "".join(f"{name:>12}" for name in names)
        + ("      ik / nginx (least–most)" if "ik" in names else "")
    ]
    for case, measure, title, form in ROWS:
        by_name = summary.get(case, {}).get(measure, {})
        if not by_name:
            continue
        cells = "".join(f"{_cell(name, measure, by_name, form):>12}" for name in names)
        ratio = by_name.get("ik", {}).get("to_nginx")
        lines.append(
            f"{title:52}{cells}"
            + (f"      {ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})" if ratio else "")
        )
    lines += _control_lines(control)
    return "\n".join(lines)


def _cell(name: str, measure: str, by_name: dict, form: str) -> str:
    # The engine alone has no server whose CPU or memory could be counted.
    if name not in by_name or (name == "direct" and ("cpu" in measure or "mb" in measure)):
        return "–"
    return form.format(by_name[name]["median"])


def _control_lines(control: dict) -> list[str]:
    lines = []
    if spawn := control.get("declare_to_process"):
        lines.append(f"declare → engine process: {_quantiles(spawn)} ({spawn['samples']} times)")
    if listing := control.get("long_list"):
        lines.append(f"list of {listing['workloads']:,} workloads: {_quantiles(listing)}")
    if declares := control.get("durable_declares"):
        lines.append(f"durable declares: {declares['per_s']:,.0f} per second, {_quantiles(declares)}")
    return ["", *lines] if lines else []


def _quantiles(measured: dict) -> str:
    return f"p50 {measured['p50_ms']:.1f} ms, p99 {measured['p99_ms']:.1f} ms"
