"""Borrowed first points: what stands at n = 1 where a curve was not measured there.

A vote or a verifier's pick among one sample is that sample, so that `sampled` accuracy
stands at n = 1 of every such curve of its model. Greedy decoding is something else: it is
usually better than one sample at a temperature, by 0 to 3 points, and serves only so lowered,
with a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.curves.key import CurveKey
from planner.domain.method import METHODS
from planner.domain.observation import ALL, Observation
from planner.errors import Note

GREEDY_OFFSET = (0.0, 0.03)
"""How far one sample may lie below greedy decoding, in accuracy; drawn uniformly. Llemma-7B
and 34B of Sun et al. 2024 (arXiv:2403.09472): 2.9 and 1.6 points on MATH-500."""


@dataclass(frozen=True)
class Bridge:
    """A row of one question set that the user lets stand for another.

    Such as MATH for the 500 of its questions that are MATH-500.
    """

    row: Observation
    question_set: str
    bucket: str = ALL


@dataclass(frozen=True)
class Anchor:
    """The row that stands at n = 1 of a curve, and what the page says of it."""

    row: Observation
    notes: tuple[Note, ...]

    @property
    def lowered(self) -> bool:
        """True where the row is greedy and is lowered by GREEDY_OFFSET."""
        return self.row.method == "greedy"

    @property
    def assumed(self) -> bool:
        """False where the point is a measurement of the very same quantity."""
        return bool(self.notes)


def anchor_with_greedy(
    rows: Iterable[Observation], bridges: Sequence[Bridge] = ()
) -> Mapping[CurveKey, Anchor]:
    """Anchors for the curves of parallel samples that lack n = 1.

    The first of: a `sampled` row of the same model, question set and bucket; a `greedy` one;
    a bridge's row. Curves with a row at n = 1, and curves for which there is none of these,
    get no anchor. Pass what comes back to `fit_curves`.
    """
    rows = tuple(rows)
    singles: dict[tuple[str, str, str, str], tuple[Observation, bool]] = {}
    for bridge in bridges:
        place = (bridge.row.model, bridge.row.method, bridge.question_set, bridge.bucket)
        singles.setdefault(place, (bridge.row, True))
    own: set[tuple[str, str, str, str]] = set()
    for row in rows:
        place = (row.model, row.method, row.question_set, row.bucket)
        if row.method in ("sampled", "greedy") and place not in own:
            own.add(place)
            singles[place] = (row, False)
    at_one = {CurveKey.of(row) for row in rows if row.n_samples == 1}
    anchors: dict[CurveKey, Anchor] = {}
    for key in dict.fromkeys(CurveKey.of(row) for row in rows):
        if key in at_one or not _parallel(key):
            continue
        candidates = [
            singles[place]
            for method in ("sampled", "greedy")
            if (place := (key.model, method, key.question_set, key.bucket)) in singles
        ]
        # A bridge is the last resort, however it was decoded.
        for row, bridged in sorted(candidates, key=lambda candidate: candidate[1]):
            if _same_decoding(row, key):
                anchors[key] = Anchor(row, _notes(row, key, bridged))
                break
    return anchors


def _parallel(key: CurveKey) -> bool:
    method = METHODS.get(key.method)
    return method is not None and method.samples and not method.deep


def _same_decoding(row: Observation, key: CurveKey) -> bool:
    known = (row.temperature, key.temperature)
    same_temperature = row.method == "greedy" or None in known or known[0] == known[1]
    return same_temperature and row.thinking_tokens == key.thinking_tokens


def _notes(row: Observation, key: CurveKey, bridged: bool) -> tuple[Note, ...]:
    notes = []
    if row.method == "greedy":
        low, high = (100 * x for x in GREEDY_OFFSET)
        notes.append(
            Note(
                "greedy_anchor",
                f"{key} is not measured at n = 1: the greedy accuracy {row.accuracy:g} stands "
                f"there, lowered by {low:g} to {high:g} points, since one sample at a "
                "temperature is usually worse than greedy decoding",
            )
        )
    if bridged:
        notes.append(
            Note(
                "question_set_bridge",
                f"{key} is given a point at n = 1 from {row.question_set} ({row.n_questions} "
                f"questions): taking it for {key.question_set} is an assumption",
            )
        )
    return tuple(notes)
