"""Curves by their key, and how they are looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.curves.axis import ACROSS
from planner.curves.curve import Curve
from planner.curves.key import CurveKey
from planner.curves.surface import Surface
from planner.errors import Note


@dataclass(frozen=True)
class LeftOut:
    """A row that no curve uses, and why."""

    place: str
    why: str


class CurveBook(Mapping[CurveKey, Curve]):
    """Curves over n by their key, those along other axes, surfaces, and what was left out."""

    def __init__(
        self,
        curves: Sequence[Curve],
        left_out: Sequence[LeftOut] = (),
        along: Sequence[Curve] = (),
        surfaces: Sequence[Surface] = (),
        sliced: Callable[[Surface | Curve, int], Curve] | None = None,
    ) -> None:
        self._curves = {curve.key: curve for curve in curves}
        self._sliced = sliced
        self.left_out = tuple(left_out)
        self.along = tuple(along)
        """Curves over depth or thinking tokens at a fixed n. Their points stand among the curves
        over n too, each alone."""
        self.surfaces = tuple(surfaces)
        """Surfaces over n and depth, or n and thinking tokens. Each of their depths is a curve
        over n too."""

    def __getitem__(self, key: CurveKey) -> Curve:
        return self._curves[key]

    def __iter__(self) -> Iterator[CurveKey]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes of all curves, each once, in the order of the curves."""
        curves = (*self.values(), *self.along)
        return tuple(dict.fromkeys(note for curve in curves for note in curve.notes))

    def everything(self) -> tuple[CurveKey, ...]:
        """Keys of the curves over n, of those along other axes, and of the surfaces."""
        sources: tuple[Surface | Curve, ...] = (*self.values(), *self.surfaces, *self.along)
        return tuple(source.key for source in sources)

    def at(self, key: CurveKey) -> Curve | None:
        """The curve over n of that key, measured or cut out of what was measured around it.

        None where nothing was measured at other depths or numbers of thinking tokens either.
        """
        if key in self._curves:
            return self._curves[key]
        sources: tuple[Surface | Curve, ...] = (*self.surfaces, *self.along)
        for axis in ACROSS:
            value = getattr(key, axis)
            if value is None:
                continue
            across = key.across(axis)
            for source in sources:
                if replace(source.key, n_samples=None) == across and self._sliced is not None:
                    return self._sliced(source, value)
        return None
