"""Evaluation logs to records: one reader a format, one view of all samples.

    logs ──sources──> files ──sniff──> LOG_FORMATS ──read──> records ──canonical──> log_samples

A reader of tables hands DuckDB the files where they lie; other readers write records one by one.
A new format: write `planner/ingest/logs/x.py` with a `sniff` and a `read`, and a line in
LOG_FORMATS. `planner.ingest.logs.read.read_logs` is what a caller needs.
"""

from __future__ import annotations

from planner.ingest.logs import inspect_ai, lm_eval, saved, tables
from planner.ingest.logs.reading import LogFormat

LOG_FORMATS: dict[str, LogFormat] = {
    "saved_counts": LogFormat("saved_counts", "saved counts", saved.sniff, saved.read),
    "inspect_ai": LogFormat("inspect_ai", "inspect_ai", inspect_ai.sniff, inspect_ai.read),
    "lm_eval": LogFormat("lm_eval", "lm-evaluation-harness", lm_eval.sniff, lm_eval.read),
    "counts": LogFormat("counts", "counts per problem", tables.sniff_counts, tables.read_counts),
    "records": LogFormat("records", "records", tables.sniff_records, tables.read_records),
}
"""Every format of logs, by its name; a file is of the first that knows it."""
