"""Tokens of every method. One small file a method or family; a new one needs a line here.

Each function takes a `Spending` (n, depth, width, lengths, what the verifier reads) and returns a
`TokenWork`. The prompt is read once a query: its samples share the cached prefix;
`planner.cost.work.without_sharing` says what it takes where they do not.
"""

from __future__ import annotations

from collections.abc import Callable

from planner.cost.methods.beam_search import beam_search, lookahead
from planner.cost.methods.best_of import best_of
from planner.cost.methods.human import human
from planner.cost.methods.majority_vote import majority_vote
from planner.cost.methods.refine import refine
from planner.cost.methods.revision import revision
from planner.cost.methods.single import single
from planner.cost.methods.tree import mcts, rebase
from planner.cost.work import Spending, TokenWork

METHODS: dict[str, Callable[[Spending], TokenWork]] = {
    "greedy": single,
    "sampled": single,
    "majority_vote": majority_vote,
    "best_of_n": best_of,
    "weighted_vote": best_of,
    "oracle_best_of_n": majority_vote,
    "checked_best_of_n": majority_vote,
    "beam_search": beam_search,
    "dvts": beam_search,
    "rebase": rebase,
    "lookahead": lookahead,
    "mcts": mcts,
    "revision": revision,
    "refine": refine,
    "long_cot": single,
    "human": human,
}
"""Tokens by the names of `planner.domain.method.METHODS`. A perfect verifier and a program that
checks answers read no tokens: what a checker costs stands with the class that has it."""


def tokens_of(method: str, spending: Spending) -> TokenWork:
    """Tokens of one query answered by a method. Raises KeyError for a name not in METHODS."""
    return METHODS[method](spending)
