"""How far each input moves a result, and who wins where: data for pictures."""

from __future__ import annotations

from typing import Literal

from planner.domain.base import Strict

InputKind = Literal[
    "accuracy", "transfer", "price", "tokens", "engine", "utilisation", "volume", "mix"
]


class TornadoBar(Strict):
    """One input at the ends of its 80% range, the others in the middle, decided anew at each."""

    input: str
    kind: InputKind
    low: float
    high: float
    unit: str
    assumed_range: bool = False
    """True where the range is the planner's and not that of the draws."""
    value_low: float | None
    """What comes out at the low end; None where nothing meets every requirement there."""
    value_high: float | None
    winner_low: str | None
    winner_high: str | None
    changes_winner: bool

    @property
    def width(self) -> float:
        """Distance between the two outcomes; inf where one of them is impossible."""
        if self.value_low is None or self.value_high is None:
            return float("inf")
        return abs(self.value_high - self.value_low)


class TornadoOf(Strict):
    """What the bars measure."""

    value: float
    """With every input in the middle."""
    unit: str
    what: str


class WinnerMap(Strict):
    """Who wins at each volume and price."""

    volumes_per_day: tuple[float, ...]
    price_factors: tuple[float, ...]
    """Of every rent and price per token, as a multiple of today's."""
    winners: tuple[str, ...]
    winner: tuple[tuple[int, ...], ...]
    """Positions in `winners`, a row a volume; -1: nobody, or nothing is possible."""
    probability: tuple[tuple[float | None, ...], ...]
    """Share of the draws in which that winner wins; None where only the middle was decided."""


class MixOutcome(Strict):
    """Who wins when all traffic has this mix of difficulty."""

    mix: dict[str, float]
    winner: str
    value: float | None
    probability: float | None = None
