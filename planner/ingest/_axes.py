"""Which axes a method has, and what to say of a row that gives another or lacks one.

| method | n_samples | depth | width | thinking_tokens | verifier |
|---|---|---|---|---|---|
| greedy, sampled, human | 1 | - | - | - | - |
| long_cot | 1 | - | - | cap | - |
| majority_vote, oracle_best_of_n | samples | - | - | of each sample | - |
| best_of_n, weighted_vote | samples | - | - | of each sample | needed |
| checked_best_of_n | samples | - | - | of each sample | may be named |
| beam_search, dvts, lookahead | beams | search steps | branches | - | needed |
| rebase, mcts | rollouts | search steps | - | - | needed |
| revision, refine | chains | revisions | - | - | may be named |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.domain.method import METHODS, Method

Complaint = tuple[str, str, str]
"""Column, what is wrong, what to write instead."""

_WIDE = frozenset({"beam_search", "dvts", "lookahead"})
_NO_THINKING = frozenset({"greedy", "sampled", "human"})
_MAY_NAME_VERIFIER = frozenset({"checked_best_of_n", "revision", "refine"})
_EMPTY = "leave the cell empty"


def complaints(row: Mapping[str, Any]) -> Iterator[Complaint]:
    """What a row's method and its other columns have against each other.

    `row` holds the columns that were read; what is blank or was not read is absent.
    """
    method = METHODS.get(row.get("method", ""))
    if method is not None:
        yield from _axes(method, row)
        yield from _verifier(method, row)
        if method.name == "greedy" and row.get("temperature", 0) > 0:
            yield (
                "temperature",
                "greedy decoding has no temperature above 0",
                "write the method `sampled` for one sample at a temperature, else write 0",
            )
    if "verifier_params_b" in row and "verifier" not in row:
        yield "verifier_params_b", "no verifier is named on this row", "name it, or " + _EMPTY
    if row.get("active_params_b", 0) > row.get("params_b", float("inf")):
        yield (
            "active_params_b",
            f"more parameters are active than there are (params_b {row['params_b']:g})",
            "params_b counts all parameters, active_params_b those used for a token",
        )


def _axes(method: Method, row: Mapping[str, Any]) -> Iterator[Complaint]:
    name = method.name
    if not method.samples and row.get("n_samples", 1) != 1:
        yield (
            "n_samples",
            f"{name} answers with one sample",
            "write 1, or the method that used the samples, such as majority_vote or best_of_n",
        )
    if not method.deep and "depth" in row:
        yield "depth", f"{name} has no depth", _EMPTY
    if name not in _WIDE and "width" in row:
        yield "width", f"{name} has no width", _EMPTY
    if (method.deep or name in _NO_THINKING) and "thinking_tokens" in row:
        yield (
            "thinking_tokens",
            f"{name} has no thinking tokens",
            _EMPTY + ("" if method.deep else ", or write the method `long_cot`"),
        )


def _verifier(method: Method, row: Mapping[str, Any]) -> Iterator[Complaint]:
    name = method.name
    if method.verifier and "verifier" not in row:
        yield (
            "verifier",
            f"{name} needs a verifier, and none is named",
            "name the reward model that picked, for it is priced; majority_vote needs none",
        )
    if not method.verifier and name not in _MAY_NAME_VERIFIER and "verifier" in row:
        instead = ", or write the method `weighted_vote` or `best_of_n`" if method.samples else ""
        yield "verifier", f"{name} has no verifier", _EMPTY + instead
