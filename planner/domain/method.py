"""The registry of inference methods: how compute is spent on one query.

What a method costs stands in `planner.cost.methods`; here is what it is called and which
axes it has (design of the observations CSV: n_samples, depth, width, thinking_tokens).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One way to spend compute on a query."""

    name: str
    label: str
    """How a person says it."""
    samples: bool = False
    """n_samples may exceed 1."""
    deep: bool = False
    """Has a depth axis: revisions or search steps."""
    verifier: bool = False
    """Needs a verifier to pick or steer."""
    buyable: bool = True
    """False for coverage: a perfect verifier cannot be bought."""
    may_fall: bool = True
    """Accuracy may fall with n (votes, imperfect verifiers); coverage never does."""


METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method("greedy", "greedy", may_fall=False),
        Method("sampled", "one sample"),
        Method("majority_vote", "majority vote", samples=True),
        Method("best_of_n", "best of n", samples=True, verifier=True),
        Method("weighted_vote", "weighted vote", samples=True, verifier=True),
        Method(
            "oracle_best_of_n",
            "coverage (perfect verifier)",
            samples=True,
            buyable=False,
            may_fall=False,
        ),
        Method("checked_best_of_n", "best of n with a checker", samples=True),
        Method("beam_search", "beam search", samples=True, deep=True, verifier=True),
        Method("dvts", "diverse verifier tree search", samples=True, deep=True, verifier=True),
        Method("rebase", "REBASE tree search", samples=True, deep=True, verifier=True),
        Method("lookahead", "lookahead search", samples=True, deep=True, verifier=True),
        Method("mcts", "Monte Carlo tree search", samples=True, deep=True, verifier=True),
        Method("revision", "revision", samples=True, deep=True),
        Method("refine", "critique and rewrite", samples=True, deep=True),
        Method("long_cot", "long thinking"),
        Method("human", "human"),
    )
}
"""Every method by its name. A new one: a line here, and a file in `planner/cost/methods`."""

STOPPABLE = ("majority_vote", "checked_best_of_n")
"""Methods that can tell before the last sample that it changes nothing."""
