"""`python -m tests.benchmarks purge --rows 2000000`: prints a table, or JSON with --json."""

from __future__ import annotations

import argparse
import json

from tests.benchmarks import purge


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    kinds = parser.add_subparsers(dest="kind", required=True)
    one = kinds.add_parser("purge", help="archive and delete, against COPY (DELETE … RETURNING *)")
    one.add_argument("--rows", type=int, default=2_000_000)
    one.add_argument("--expired", type=float, default=75.0, help="percent of the rows")
    one.add_argument("--order", choices=["time", "random"], default="time")
    one.add_argument("--repeat", type=int, default=3)
    one.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    measured = purge.measure(asked.rows, asked.expired, asked.order, asked.repeat)
    print(json.dumps(purge.document(measured)) if asked.json else purge.table(measured))


if __name__ == "__main__":
    main()
