"""The record of a log: one sample of one problem, or counts of them, and how its cells are read.

Every reader of logs ends in these columns. `Column.aliases` are the names that other tools give
them; a cell is read by its `Kind`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "whole", "count", "number", "size", "grade", "scores"]
"""text; whole: a whole number from 0 (43.0 is one); count: from 1; number: any finite one;
size: a finite number from 0; grade: right or wrong, 0 to 1, true or false, C, I, P or N;
scores: a list of numbers."""


@dataclass(frozen=True)
class Column:
    """One column of a record."""

    kind: Kind
    about: str
    """What it holds, for the documentation and for messages."""
    aliases: tuple[str, ...] = ()
    required: bool = False


RECORD: Mapping[str, Column] = {
    "model": Column("text", "the model", ("model_name", "model_id"), required=True),
    "problem_id": Column(
        "text",
        "names the problem within its question set",
        ("question_id", "doc_id", "task_id", "problem", "question"),
        required=True,
    ),
    "sample": Column(
        "whole",
        "number of the sample among those of the problem",
        ("sample_index", "sample_id", "epoch", "attempt", "trial", "repeat"),
    ),
    "correct": Column(
        "grade", "right or wrong, or a share of 1; blank where it was not graded",
        ("is_correct", "passed", "success", "accuracy"), required=True,
    ),
    "answer": Column(
        "text", "the answer extracted from the sample; blank is a failure and casts no vote",
        ("extracted_answer", "prediction", "pred", "final_answer"),
    ),
    "score": Column(
        "number", "a verifier's score of the sample",
        ("reward", "verifier_score", "prm_score", "orm_score", "rm_score"),
    ),
    "step_scores": Column(
        "scores", "a verifier's score of each step of the sample", ("step_rewards", "prm_scores"),
    ),
    "question_set": Column(
        "text", "names the questions: MATH and MATH-500 are two",
        ("dataset", "benchmark", "task", "eval"),
    ),
    "bucket": Column("text", "difficulty bucket of the problem", ("level", "difficulty")),
    "method": Column("text", "how the sample was drawn, or the answer chosen", ("strategy",)),
    "n_samples": Column(
        "count", "samples that the answer was chosen from; blank: the record is one sample",
    ),
    "depth": Column("whole", "revisions before this answer, or search steps",
                    ("revision", "num_revisions")),
    "width": Column("count", "branches a beam", ("beam_width",)),
    "thinking_tokens": Column(
        "whole", "cap on thinking tokens",
        ("thinking_budget_tokens", "thinking_budget", "budget_tokens", "reasoning_budget"),
    ),
    "reasoning_effort": Column("text", "effort asked for: part of the model's name", ("effort",)),
    "temperature": Column("size", "sampling temperature"),
    "verifier": Column("text", "the verifier that scored", ("reward_model",)),
    "params_b": Column("size", "parameters, billions", ("size_b",)),
    "active_params_b": Column("size", "active parameters of a mixture of experts, billions"),
    "verifier_params_b": Column("size", "parameters of the verifier, billions"),
    "prompt_tokens": Column("size", "tokens of the prompt", ("input_tokens",)),
    "output_tokens": Column("size", "tokens generated, thinking included", ("completion_tokens",)),
    "reasoning_tokens": Column(
        "size", "thinking tokens; added to output_tokens where they exceed them, for some "
        "providers count them apart",
    ),
    "time_s": Column("size", "seconds from prompt to answer",
                     ("wall_s", "latency_s", "total_time", "total_time_s")),
    "run_id": Column("text", "names the run: sample 0 of two runs is two samples",
                     ("run", "eval_id")),
}  # fmt: skip
"""Columns of a sample, by name."""

COUNTS: Mapping[str, Column] = {
    "n_total": Column("count", "samples drawn", ("num_samples", "n", "total"), required=True),
    "n_correct": Column("whole", "right ones among them", ("num_correct", "c"), required=True),
}
"""Columns that a table of counts has in place of sample and correct."""

SERIES = (
    "question_set",
    "model",
    "method",
    "verifier",
    "n_samples",
    "depth",
    "width",
    "thinking_tokens",
    "temperature",
)
"""Columns whose samples are drawn alike, so that they can be counted together."""

METHOD_NAMES: Mapping[str, str] = {
    "sample": "sampled",
    "cot_sample": "sampled",
    "cot": "sampled",
    "zero_shot": "sampled",
    "pass_1": "sampled",
    "thinking": "long_cot",
    "sequential_revision": "revision",
    "self_refine": "refine",
    "majority": "majority_vote",
    "maj": "majority_vote",
    "self_consistency": "majority_vote",
    "best_of_n_prm_last": "best_of_n",
    "best_of_n_prm_min": "best_of_n",
    "best_of_n_prm_product": "best_of_n",
    "best_of_n_prm": "best_of_n",
    "best_of_n_orm": "best_of_n",
    "bon": "best_of_n",
    "weighted_best_of_n": "weighted_vote",
    "weighted_best_of_n_prm": "weighted_vote",
    "weighted_majority_vote": "weighted_vote",
    "beam_search_prm": "beam_search",
    "coverage": "oracle_best_of_n",
    "pass_k": "oracle_best_of_n",
}
"""Names that logs give to methods, beside the registered ones."""


def plain_name(name: str) -> str:
    """A name as it is compared: lower case, words joined by underscores."""
    return re.sub(r"[\s\-@]+", "_", name.strip().casefold())


def by_alias(counts: bool = False) -> dict[str, str]:
    """Column of each name that a header may hold, itself or an alias, in plain spelling."""
    columns = {**RECORD, **COUNTS} if counts else RECORD
    found = {alias: name for name, column in columns.items() for alias in column.aliases}
    return found | {name: name for name in columns}
