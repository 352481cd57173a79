"""Regressions over model sizes in words: what was measured, and how far to trust them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from planner.domain.curves import RowLeftOut
from planner.domain.fitted_sizes import FittedSizes
from planner.report import wording_curves as wording
from planner.report.curve_names import listed
from planner.units import PARAMS_PER_B, format_count

MOST_REASONS = 5
"""Reasons why nothing is told of some rows; more are counted."""
MOST_SIZES = 10
LARGE_SCATTER = 2.0
"""Over-dispersion from which on it is spoken of as large."""


def size_text(params_b: float) -> str:
    """Such as "7B" or "160M"."""
    return format_count(params_b * PARAMS_PER_B, 4)


def measured_sentence(sizes: FittedSizes) -> str:
    """Which sizes, at which n."""
    names = [f"{size_text(m.params_b)} ({m.model})" for m in sizes.models]
    ns = [format_count(n, 9) for n in sizes.n_measured]
    at = listed(ns, "", MOST_SIZES) if len(ns) <= MOST_SIZES else f"{ns[0]} to {ns[-1]}"
    return wording.SIZES_MEASURED.format(sizes=listed(names, "model", MOST_SIZES), ns=at)


def reliability(sizes: FittedSizes) -> tuple[str, ...]:
    """The error of sizes left out, the scatter, and what the intervals rest on."""
    said = [_left_out(sizes)]
    sentence = wording.SCATTER_LARGE if sizes.over_dispersion > LARGE_SCATTER else wording.SCATTER
    said.append(sentence.format(dispersion=format_count(sizes.over_dispersion)))
    said.append(wording.CLUSTERED.format(reason=sizes.clustered_reason))
    if sizes.family_told_by == "nothing":
        said.append(wording.FAMILY_ASSUMED)
    if any(p.measured for p in sizes.predictions):
        said.append(wording.SIZE_WAS_MEASURED)
    if any(p.extrapolated for p in sizes.predictions):
        said.append(wording.SIZE_BEYOND)
    return tuple(said)


def _left_out(sizes: FittedSizes) -> str:
    if sizes.left_out_error is None:
        return wording.NO_SIZE_LEFT_OUT
    each = ", ".join(f"{size_text(s.params_b)} by {s.error * 100:.1f}" for s in sizes.left_out)
    return wording.SIZE_LEFT_OUT.format(mean=f"{sizes.left_out_error * 100:.1f}", each=each)


def refusals(refused: Iterable[RowLeftOut]) -> list[str]:
    """Each reason once, with the first group of rows that it holds for."""
    first: dict[str, str] = {}
    count: Counter[str] = Counter()
    for row in refused:
        first.setdefault(row.why, row.where)
        count[row.why] += 1
    said = []
    for why, times in list(count.items())[:MOST_REASONS]:
        others = wording.AND_GROUPS.format(count=times - 1) if times > 1 else ""
        said.append(wording.SIZE_REFUSED.format(where=first[why], others=others, why=why))
    more = len(count) - MOST_REASONS
    return [*said, wording.MORE_REASONS.format(count=more)] if more > 0 else said
