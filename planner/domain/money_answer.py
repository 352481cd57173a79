"""What costs over time look like: part of planner.answer/1 and planner.plan/1."""

from __future__ import annotations

from typing import Literal

from planner.domain.base import Strict
from planner.domain.ranges import Range

BreakEvenOf = Literal["volume", "date", "date_undiscounted", "rent", "tokens", "n"]


class CostCrossing(Strict):
    """Where two ways of serving cost the same over the horizon. Intervals are 90%."""

    unit: str
    median: float | None
    """Over the draws, those that never cross counted as beyond; None where most never do."""
    low: float | None
    high: float | None
    share_of_draws: float
    """In which it exists, with the same way ahead beyond it."""
    ahead_beyond: str
    """Label of the way that costs less beyond it."""
    crossings: int = 1
    """Times that the cheaper way changes, central case: whole replicas make steps."""
    first: float | None = None
    """The lowest of several, central case."""
    median_date: str | None = None
    """Of a date: the day as the month ends."""
    low_date: str | None = None
    high_date: str | None = None


class HumanCompared(Strict):
    """People who would answer instead, beside an option or a plan."""

    title: str
    compared_with: str
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    usd_per_query: float
    usd_per_correct: float | None
    usd_per_correct_compared: float | None
    points_ahead: float
    """Accuracy of what is compared less that of the people, points."""
    sentence: str


class ParityWindow(Strict):
    """The n at which one side is at least as accurate as the other and costs no more."""

    bucket: str
    """Difficulty bucket; "all" for the mix asked about."""
    from_n: float | None
    """Accuracy parity, median over the draws; None where most draws have none."""
    to_n: float | None
    """Cost parity, median; None where most draws have none within the measured n."""
    open: bool
    """Whether there is such an n in the middle of both."""
    share_of_draws: float
    """In which there is."""
    sentence: str


class CostPath(Strict):
    """What one way costs from the first month to the last; dollars of the central case."""

    label: str
    side: int
    n_samples: float | None = None
    """At which it is costed: its own, or that at which it is as accurate as the other (median)."""
    share_of_draws: float = 1.0
    """In which any n does what is asked of it; intervals are over these."""
    training_usd: float = 0.0
    """Paid up front."""
    gpus_bought_usd: float = 0.0
    """Of all months, whole GPUs, as the fleet grows."""
    opex_usd: float = 0.0
    residual_usd: float = 0.0
    """What the GPUs bought still fetch."""
    total_usd: float = 0.0
    """CAPEX and OPEX less the residual, every dollar alike."""
    present_usd: float = 0.0
    """The same, with later dollars discounted: worth today."""
    present_usd_low: float | None = None
    present_usd_high: float | None = None
    equivalent_usd_per_day: float = 0.0
    """The even amount a day that is worth the same."""
    usd_per_correct: float | None = None
    """present_usd over correct answers, those discounted alike."""
    sunk_usd_per_day: float | None = None
    """Of owned and reserved GPUs, today: spent in any case and left out."""


class CostMonth(Strict):
    """One month, central case; tuples are in the order of the paths."""

    begins: str
    queries_per_day: float
    usd: tuple[float, ...]
    """Paid for it: what is bought as it begins, what it runs on, less what is sold at its end."""
    gpus: tuple[int, ...]
    present_usd_so_far: tuple[float, ...]
    """Worth today of everything up to its end."""


class CostVolume(Strict):
    """The whole horizon at another volume of today, central case, in the order of the paths."""

    queries_per_day: float
    equivalent_usd_per_day: tuple[float | None, ...]
    """None where a way does not do what is asked."""


class PairOverTime(Strict):
    """Two ways over the horizon: which costs less, and where they cost the same."""

    compared: tuple[str, ...] = ()
    """Labels of the two ways; empty where there is one way only."""
    cheaper: str | None = None
    """Which of them costs less over the horizon, in more of the draws."""
    probability_cheaper: float | None = None
    saved_usd: float | None = None
    """What it saves, worth today: the net present value of choosing it, median over the draws."""
    saved_usd_low: float | None = None
    saved_usd_high: float | None = None
    break_evens: dict[BreakEvenOf, CostCrossing | None] = {}
    break_even_sentences: dict[BreakEvenOf, str] = {}
    """What each says, or why there is none."""


class CostOverTime(PairOverTime):
    """CAPEX against OPEX over the horizon; of several ways the first two are those compared."""

    start: str
    """The first day."""
    horizon_days: float
    growth_per_year: Range
    price_decline_per_year: Range
    discount_per_year: Range
    paths: tuple[CostPath, ...]
    by_month: tuple[CostMonth, ...] = ()
    by_volume: tuple[CostVolume, ...] = ()
    other_pairs: tuple[PairOverTime, ...] = ()
    """Every further side of a question against the reference."""
    sunk: tuple[str, ...] = ()
    """What was taken as spent in any case, and left out."""
    unknown: tuple[str, ...] = ()
    """What would have to be paid and is not known: training whose size is not published."""
    sentences: tuple[str, ...] = ()
