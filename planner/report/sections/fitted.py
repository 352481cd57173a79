"""The head of the page of fitted curves: what was fitted, and what that says."""

from __future__ import annotations

from planner.domain.curves import FittedCurves
from planner.report import wording
from planner.report import wording_curves as words
from planner.report.curve_changes import falls, gains, saturated, signed_points
from planner.report.page import Block, Section, Sentences, Tile, Tiles
from planner.report.sections.insights import fitted_sentence, insights
from planner.units import format_count


def title(fitted: FittedCurves) -> str:
    """Names the files behind the curves."""
    return words.PAGE_TITLE.format(inputs=", ".join(fitted.inputs) or words.NO_INPUTS)


def strip(fitted: FittedCurves) -> tuple[tuple[str, str], ...]:
    """Facts of the run that a reader of a printed page asks for."""
    sets = dict.fromkeys(curve.question_set for curve in fitted.curves)
    return (
        ("Curves", format_count(len(fitted.curves))),
        ("Measured on", ", ".join(sets) or wording.NOT_STATED),
        ("Seed", str(fitted.seed)),
        ("Draws", format_count(fitted.draws)),
    )


def section(fitted: FittedCurves) -> Section:
    """What was fitted, the headline numbers, and what to know next."""
    blocks: list[Block] = []
    if fitted.curves:
        blocks.append(Tiles(_tiles(fitted)))
    said = insights(fitted)
    if said:
        blocks.append(Sentences(said, bullets=True))
    return Section("fitted", words.TITLE["fitted"], fitted_sentence(fitted), tuple(blocks))


def _tiles(fitted: FittedCurves) -> tuple[Tile, ...]:
    changes = gains(fitted.curves)
    several = sum(len(curve.known()) > 1 for curve in fitted.curves)
    found = [
        Tile(
            "Curves",
            format_count(several),
            f"and {len(fitted.curves) - several} measured at one n only",
        )
    ]
    if changes:
        best = changes[0]
        found.append(
            Tile(
                "Most gained by sampling",
                signed_points(best.points),
                f"from n = {best.first.n_samples:g} to {best.last.n_samples:g}",
            )
        )
    found.append(
        Tile(
            "Saturated within the data",
            format_count(len(saturated(fitted.curves))),
            "no later doubling gains half a point",
        )
    )
    deepest = falls(fitted.curves)
    at_most = f"by up to {signed_points(-deepest[0].points)[1:]}" if deepest else "within the data"
    found.append(Tile("Falling with more samples", format_count(len(deepest)), at_most))
    return tuple(found)
