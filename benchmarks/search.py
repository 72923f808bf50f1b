"""Does the search find more than chance? `python -m benchmarks.search [SUPERNET [EVALUATIONS]]` compares strategies.

Each runs on the pocket set with five seeds and the same budget.

Prints one row a run as it ends and a table of means at the end: report top-1 of the result, and how the seconds were
spent. Runs are kept in `runs/`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

STRATEGIES = ("collm", "random")
SEEDS = 5


def run(supernet: str, strategy: str, seed: int, evaluations: int) -> dict[str, Any]:
    """The result of one search as users start it, with its wall time."""
    command = [sys.executable, "main.py", "--supernet", supernet, "--json", "--strategy", strategy]
    command += ["--evaluations", str(evaluations), "--seed", str(seed)]
    started = time.monotonic()
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])["result"]
    return {**result, "wall": time.monotonic() - started}


def main(supernet: str, evaluations: int) -> None:
    results: dict[str, list[dict[str, Any]]] = {strategy: [] for strategy in STRATEGIES}
    for seed in range(1, SEEDS + 1):
        for strategy in STRATEGIES:
            found = run(supernet, strategy, seed, evaluations)
            results[strategy].append(found)
            total = found["ledger"]["total"]
            print(
                f"{strategy:7} seed {seed}  search {found['search_top1']:.2f}  report {found['report_top1']:.2f}  "
                f"{found['macs_m']:.1f} M  {found['wall']:.0f} s: scoring {total['scoring_seconds']:.0f}, "
                f"models {total['model_seconds']:.1f}",
                flush=True,
            )
    for strategy, runs in results.items():
        report = [found["report_top1"] for found in runs]
        print(f"{strategy:7} report top-1 {statistics.mean(report):.2f} ± {statistics.stdev(report):.2f} (s.d.)")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "ofa", int(sys.argv[2]) if len(sys.argv) > 2 else 50)
