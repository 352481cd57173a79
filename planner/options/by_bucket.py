"""Which measured curves serve a model, method and verifier, bucket by bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from planner.curves.book import CurveBook
from planner.curves.curve import Curve
from planner.curves.key import CurveKey
from planner.errors import Note


@dataclass(frozen=True)
class At:
    """The depth, or the number of thinking tokens, at which an option is wanted."""

    depth: int | None = None
    thinking_tokens: int | None = None


PartOf = Callable[[CurveKey], str | None]
"""The bucket of an answer on which a curve was measured, if any."""
Wanted = tuple[str, str, str | None]
"""Model, method, verifier."""


def curves_by_bucket(
    book: CurveBook, part_of: PartOf, wanted: Wanted, at: At | None
) -> tuple[dict[str, Curve], list[Note]]:
    """Curves by bucket; with `at`, at that depth or number of thinking tokens."""
    if at is None or at == At():
        return _longest(book, part_of, wanted)
    return _at(book, part_of, wanted, at), []


def _longest(
    book: CurveBook, part_of: PartOf, wanted: Wanted
) -> tuple[dict[str, Curve], list[Note]]:
    """Where several differ in another axis, the one with most points."""
    found: dict[str, list[tuple[CurveKey, Curve]]] = {}
    for key, curve in book.items():
        name = part_of(key)
        if name is not None and (key.model, key.method, key.verifier) == wanted:
            found.setdefault(name, []).append((key, curve))
    chosen = {
        bucket: max(several, key=lambda pair: len(pair[1].n_measured))
        for bucket, several in found.items()
    }
    notes = [
        Note(
            "several_curves",
            f"{len(several)} curves of {wanted[0]} {wanted[1]} on {bucket} differ in"
            f" temperature or depth: taken is {chosen[bucket][0]}",
        )
        for bucket, several in found.items()
        if len(several) > 1
    ]
    return {bucket: curve for bucket, (_, curve) in chosen.items()}, notes


def _at(book: CurveBook, part_of: PartOf, wanted: Wanted, at: At) -> dict[str, Curve]:
    """At a depth or number of thinking tokens, measured or not."""
    found: dict[str, Curve] = {}
    for key in dict.fromkeys(book.everything()):
        name = part_of(key)
        if name is None or name in found or (key.model, key.method, key.verifier) != wanted:
            continue
        given = {axis: value for axis, value in vars(at).items() if value is not None}
        curve = book.at(replace(key, axis="n_samples", n_samples=None, **given))
        if curve is not None:
            found[name] = curve
    return found
