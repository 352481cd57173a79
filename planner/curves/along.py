"""What a curve over depth or thinking tokens tells: where it peaks, and whether it falls."""

from __future__ import annotations

from dataclasses import replace

from planner.curves.axis import WORDS, value_at
from planner.curves.curve import Curve
from planner.curves.landmarks import fall_of
from planner.errors import Note


def value_text(curve: Curve, position: float) -> str:
    """As "16,000 thinking tokens" or "depth 3"."""
    value = value_at(curve.key.axis, position)
    return f"depth {value:g}" if curve.key.axis == "depth" else f"{value:,.0f} thinking tokens"


def turn_note(curve: Curve) -> tuple[Note, ...]:
    """What the page says of a fall with depth or with more thinking."""
    fall = fall_of(curve)
    if fall is None:
        return ()
    best, last = value_text(curve, fall.from_n), value_text(curve, fall.to_n)
    key = replace(curve.key, axis="n_samples")
    seen = (
        f"{key} falls by {100 * fall.drop:.1f} points ({fall.questions:.0f} of "
        f"{curve.n_questions[-1]} questions) from {best} to {last}"
    )
    if fall.proven:
        return (Note("falls_with_depth", f"{seen}: more {WORDS[curve.key.axis]} do harm"),)
    return (
        Note(
            "fall_unproven",
            f"{seen}: the fall is not proven (it shows in {fall.probability:.0%} of the draws), "
            f"nor is any gain beyond {best}",
        ),
    )
