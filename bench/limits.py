"""Google Benchmark programs whose figures have limits: how they are measured, and the table that shows them.

Processor time, the least of several repetitions: on a machine that others use too, the least disturbed one says most.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("PERSONALIZE_BUILD", ROOT / "build")).resolve()
SCALE = {"ns": 1e-3, "us": 1, "ms": 1e3}


def measure(program, repetitions):
    """By benchmark: its row of the repetition that took least, with `us` for the processor time in µs."""
    command = [BUILD / program, f"--benchmark_repetitions={repetitions}", "--benchmark_min_time=0.1",
               "--benchmark_format=json"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    best = {}
    for row in json.loads(output)["benchmarks"]:
        if row.get("run_type") == "iteration":
            row["us"] = row["cpu_time"] * SCALE[row["time_unit"]]
            name = row["run_name"]
            best[name] = min(row, best.get(name, row), key=lambda r: r["us"])
    return best


def shown(microseconds):
    return f"{microseconds / 1000:.0f} ms" if microseconds >= 1000 else f"{microseconds:.2f} µs"


def table(best, rows):
    """Markdown of `rows`, each (benchmark, what it is, limit in µs or None), and what is above its limit."""
    lines = ["| | time | limit |", "|---|---|---|"]
    exceeded = []
    for name, what, limit in rows:
        lines.append(f"| {what} | {shown(best[name]['us'])} | {'' if limit is None else shown(limit)} |")
        if limit is not None and best[name]["us"] > limit:
            exceeded.append(what)
    return "\n".join(lines), exceeded


def report(name, text, exceeded):
    """Writes docs/bench-NAME.md; returns the exit status."""
    print(text)
    for what in exceeded:
        print(f"bench {name}: above the limit: {what}", file=sys.stderr)
    (ROOT / f"docs/bench-{name}.md").write_text(text, encoding="utf-8")
    return 1 if exceeded else 0
