"""The verbs, composed: what the command line and `import planner` call."""

from __future__ import annotations

from planner.pipeline.arguments import dollars, sample_counts, usd_per_day
from planner.pipeline.bare import frontier_table, solve_table
from planner.pipeline.calibrating import calibrate
from planner.pipeline.cards import cards, import_prices
from planner.pipeline.comparing import compare_plans, observed_plan
from planner.pipeline.exporting import export
from planner.pipeline.measuring import (
    MeasuredLogs,
    measure,
    partition_wish,
    step_scores,
)
from planner.pipeline.next import next_measurements
from planner.pipeline.pricing import price
from planner.pipeline.reporting import open_for_report, open_side_by_side, save_json
from planner.pipeline.solving import frontier, solve
from planner.pipeline.training import train
from planner.pipeline.verbs import (
    ask,
    check,
    fit,
)

__all__ = [
    "MeasuredLogs",
    "ask",
    "calibrate",
    "cards",
    "check",
    "compare_plans",
    "dollars",
    "export",
    "fit",
    "frontier",
    "frontier_table",
    "import_prices",
    "measure",
    "next_measurements",
    "observed_plan",
    "open_for_report",
    "open_side_by_side",
    "partition_wish",
    "price",
    "sample_counts",
    "save_json",
    "solve",
    "solve_table",
    "step_scores",
    "train",
    "usd_per_day",
]
