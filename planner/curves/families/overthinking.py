"""Thinking that helps at first and harms beyond: accuracy over tokens that may peak."""

from __future__ import annotations

from planner.curves.families.imperfect_verifier import ImperfectVerifier


class Overthinking(ImperfectVerifier):
    """(1 - (1 - p) x^-b) x^-f: solved in time, less what more thinking talks itself out of.

    x is 1 + thinking tokens / 1,000, or the answers in a chain of revisions. Of the questions not
    answered at once a share x^-b stays unsolved, and of right answers a share x^-f is kept.
    The shape of an imperfect verifier along another axis: accuracy peaks at
    x = ((b + f)(1 - p) / f)^(1/b); with f = 0 it never falls.
    """

    name = "overthinking"
    formula = "accuracy = (1 - (1 - p) x^-b) x^-f, x = 1 + thinking tokens / 1000"
    reference = "falls with longer thinking: Chen et al. 2024, arXiv:2412.21187; Muennighoff et \
al. 2025, arXiv:2501.19393, table 3 (slopes of -24 and -35 without budget forcing)"
    parameters = {
        "p": "accuracy without thinking",
        "b": "exponent of what is not yet solved",
        "f": "exponent of the right answers that are given up",
    }
    describes = frozenset({"depth", "thinking"})
