"""What weakens an answer about training, and why there may be none."""

from __future__ import annotations

import numpy as np

from planner.domain.draws import CENTRAL
from planner.domain.plan import Caution
from planner.economics.training.dollars import DollarTerms
from planner.economics.training.laws import DrawnLaw
from planner.economics.training.required import Required
from planner.economics.training.with_samples import Sampled
from planner.errors import InfeasibleError
from planner.units import format_count, format_percent, format_tokens

USUAL_RATIO = 100.0
"""Tokens a parameter up to which published laws were fitted, by and large."""
FEW = 0.95
"""Share of draws with an answer below which that is said."""


def cautions(
    law: DrawnLaw,
    required: Required,
    best: Sampled,
    in_dollars: Sampled | None,
    dollars: DollarTerms | None,
) -> tuple[Caution, ...]:
    """Warnings of an answer, the gravest first; in_dollars is the optimum in dollars, if asked."""
    found = [
        *beyond_the_law(law, best, "optimum in FLOPs"),
        *([] if in_dollars is None else beyond_the_law(law, in_dollars, "optimum in dollars")),
        *_links(required),
        *_draws(best),
        *_rounded(law),
        *(Caution(code=n.code, message=n.message) for n in (dollars.notes if dollars else ())),
    ]
    return tuple(found)


def unreachable(law: DrawnLaw, required: Required) -> InfeasibleError:
    """Why no model reaches the quality, and what would help."""
    loss = float(np.ravel(required.loss)[CENTRAL])
    used = law.used
    if not np.isfinite(loss):
        return InfeasibleError(
            f"no loss gives {required.words}: accuracy does not get there on these links;"
            " ask for less, or add models"
        )
    if loss > used.E + (used.G or 0.0):
        return InfeasibleError(
            f"no model of a size that can be written reaches {required.words} under {used.title};"
            " ask for less"
        )
    needs = "" if required.words.startswith("a loss") else f", which is a loss of {loss:.4g}"
    return InfeasibleError(
        f"no model reaches {required.words}{needs}: under {used.title} the loss of any model of any"
        f" size stays above {used.E:.4g}; ask for a quality whose loss is above that"
    )


def beyond_the_law(law: DrawnLaw, best: Sampled, of: str) -> list[Caution]:
    """Where a model lies outside of what its law was fitted to."""
    params, tokens = (float(np.ravel(v)[CENTRAL]) for v in (best.params, best.tokens))
    ratio = tokens / params
    if law.runs is None:
        if ratio <= USUAL_RATIO:
            return []
        return [
            Caution(
                code="overtrained",
                message=f"The {of} trains on {format_count(ratio)} tokens a parameter. Laws"
                f" fitted up to about {USUAL_RATIO:g} overstate what further tokens gain (Sardana"
                " et al. 2024), so that the true optimum is larger and saves less.",
            )
        ]
    runs = law.runs
    outside = [
        f"{what} {write(value)} (runs: {write(low)} to {write(high)})"
        for what, value, low, high, write in (
            ("parameters", params, runs.params.min(), runs.params.max(), format_count),
            ("training tokens", tokens, runs.tokens.min(), runs.tokens.max(), format_tokens),
            (
                "tokens a parameter",
                ratio,
                (runs.tokens / runs.params).min(),
                (runs.tokens / runs.params).max(),
                format_count,
            ),
        )
        if not low <= value <= high
    ]
    if not outside:
        return []
    said = f"The {of} lies outside of the runs of the law: {'; '.join(outside)}."
    return [Caution(code="extrapolated", message=said)]


def _links(required: Required) -> list[Caution]:
    loss = float(np.ravel(required.loss)[CENTRAL])
    return [
        Caution(
            code="link_extrapolated",
            message=f"{link.bucket}: a loss of {loss:.3g} lies outside of those of the"
            f" {link.models} models, {link.lowest_loss:.3g} to {link.highest_loss:.3g}.",
        )
        for link in required.links
        if not link.lowest_loss <= loss <= link.highest_loss
    ]


def _draws(best: Sampled) -> list[Caution]:
    share = float(np.isfinite(np.ravel(best.params)).mean())
    if share >= FEW:
        return []
    return [
        Caution(
            code="unreachable_in_draws",
            message=f"In {format_percent(1 - share, 0)} of the draws no model reaches the quality"
            " (or the resampled runs give no law): intervals are of the other draws.",
        )
    ]


def _rounded(law: DrawnLaw) -> list[Caution]:
    if law.used.name != "hoffmann":
        return []
    return [
        Caution(
            code="rounded_exponents",
            message="The printed exponents have two digits; a third moves the optimum by a sixth:"
            " --law sardana has it, --law besiroglu refits the runs.",
        )
    ]
