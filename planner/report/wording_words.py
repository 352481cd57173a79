"""The words that a page explains, in the order in which they are met."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "@8, n = 8": (
        r"@\d|\bn = \d",
        "Eight samples: eight answers are drawn for each query, and one of them is given.",
    ),
    "greedy": (r"\bgreedy\b", "One answer a query, made of the likeliest next word each time."),
    "majority vote": (r"\bmajority vote\b", "The answer that most of the samples agree on."),
    "weighted vote": (
        r"\bweighted vote\b",
        "The same, each sample counted by the score that a verifier gives it.",
    ),
    "best of n": (r"\bbest of\b", "The sample that a verifier scores highest."),
    "verifier, PRM": (
        r"\bverifier\b|\bPRM\b",
        "A model that scores answers; a PRM (process reward model) scores each step of one.",
    ),
    "level, bucket": (r"\blevel \d|\bbucket", "Queries that are about equally hard."),
    "router": (r"\brouter\b", "What tells how hard a query is before it is answered."),
    "baseline": (r"\bbaseline\b", "What the plan is compared with: as a rule what runs today."),
    "draws, probability, interval": (
        r"\bdraws\b|\binterval\b",
        (
            "All is computed anew for each of several hundred draws of what is not known exactly:"
            " accuracies, prices, lengths. A probability is a share of the draws; nine of ten of"
            " them lie within a 90% interval."
        ),
    ),
    "points": (r"\bpoints?\b", "Percentage points: from 30% to 32% is 2 points."),
    "95% answered within": (
        r"95% answered within",
        "Of 100 queries 95 have their whole answer after this time.",
    ),
    "replica": (r"\b[Rr]eplicas?\b", "One copy of a model on the GPUs that it needs."),
    "batch": (r"\b[Bb]atch", "Samples that a replica works on side by side."),
    "FLOP": (
        r"FLOP",
        (
            "One multiplication or addition: the work of an answer, whatever machine does it."
            " TFLOP, EFLOP: 10^12, 10^18 of them."
        ),
    ),
    "CAPEX, OPEX": (r"CAPEX|OPEX", "What is paid once, up front; what is paid as it runs."),
    "break-even": (r"\b[Bb]reak-even\b", "Where two ways cost the same."),
    "shadow price": (r"\b[Ss]hadow price", "What one more unit of a limit would bring."),
    "logits": (
        r"\blogits\b",
        "ln(p / (1 - p)) of a share p: half a logit moves 50% by 12 points, 90% by 4.",
    ),
    "cv": (r"\bcv\b", "Coefficient of variation: standard deviation over the mean."),
}
"""Word, the pattern by which a page is seen to use it, and what it means."""
