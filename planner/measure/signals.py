"""What tells how difficult a question is, and which samples were used up in telling it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.measure.parts import SampleReader
from planner.measure.samples import BLANK, ProblemSamples
from planner.measure.table import Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Which samples of a problem are the signal of a fold; the others are measured in it."""

    signal_samples: int | None
    """Samples of the signal; None: half of those drawn."""

    def folds(self, fewest: int) -> int:
        """How many folds there are where every problem has `fewest` samples: 1 or 2."""
        if self.signal_samples is None:
            return 2
        return 2 if fewest >= 2 * self.signal_samples else 1

    def largest_n(self, fewest: int) -> int:
        """Samples of a problem that can be measured in every fold."""
        return fewest // 2 if self.signal_samples is None else fewest - self.signal_samples

    def signal(self, samples: ProblemSamples, fold: int) -> ProblemSamples:
        """The samples that tell the bucket."""
        return self._part(samples, fold, signal=True)

    def measured(self, samples: ProblemSamples, fold: int) -> ProblemSamples:
        """The samples that are measured in it."""
        return self._part(samples, fold, signal=False)

    def _part(self, samples: ProblemSamples, fold: int, *, signal: bool) -> ProblemSamples:
        import numpy as np

        n = samples.n
        if self.signal_samples is None:
            middle = n // 2
            start, stop = (np.zeros_like(n), middle) if fold == 0 else (middle, n)
        else:
            start = np.full_like(n, fold * self.signal_samples)
            stop = start + self.signal_samples
        column = np.arange(samples.correct.shape[1])
        inside = (column >= start[:, None]) & (column < stop[:, None])
        chosen = (inside if signal else ~inside) & samples.there
        order = np.argsort(~chosen, axis=1, kind="stable")
        return samples.columns(order, chosen.sum(1))


def solve_rates(tally: Tally, reader: SampleReader, split: Split, fold: int) -> dict[str, float]:
    """pass@1 of each problem on the signal of a fold."""
    return _told(tally, reader, split, fold, ProblemSamples.solve_rate)


def mean_scores(tally: Tally, reader: SampleReader, split: Split, fold: int) -> dict[str, float]:
    """A verifier's mean score of each problem on the signal; samples without one count 0."""

    def mean(samples: ProblemSamples) -> Array:
        import numpy as np

        assert samples.score is not None
        score: Array = np.nan_to_num(samples.score, nan=0.0).sum(1) / samples.n
        return score

    return _told(tally, reader, split, fold, mean)


def agreements(tally: Tally, reader: SampleReader, split: Split, fold: int) -> dict[str, float]:
    """Share of the signal's samples that gave the answer most of them gave; 0 where all blank."""

    def most(samples: ProblemSamples) -> Array:
        import numpy as np

        if samples.answer is None:
            return np.zeros(len(samples.n))
        voting = samples.there & (samples.answer != BLANK)
        same = samples.answer[:, :, None] == samples.answer[:, None, :]
        votes = (same & voting[:, None, :]).sum(2) * voting
        share: Array = votes.max(1, initial=0) / samples.n
        return share

    return _told(tally, reader, split, fold, most)


def _told(
    tally: Tally,
    reader: SampleReader,
    split: Split,
    fold: int,
    of: Callable[[ProblemSamples], Array],
) -> dict[str, float]:
    told: dict[str, float] = {}
    for _, samples in reader.read(tally):
        signal = split.signal(samples, fold)
        told |= zip(signal.problem, of(signal).tolist(), strict=True)
    return told


SIGNALS: Mapping[str, Callable[[Tally, SampleReader, Split, int], dict[str, float]]] = {
    "quantiles": solve_rates,
    "thresholds": solve_rates,
    "pooled": solve_rates,
    "verifier": mean_scores,
    "agreement": agreements,
}
"""By kind of partition."""


def pooled(
    tallies: Sequence[Tally], told: Sequence[Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Mean signal of each problem over the series of its question set, by question set."""
    gathered: dict[str, dict[str, list[float]]] = {}
    for tally, signal in zip(tallies, told, strict=True):
        of_set = gathered.setdefault(tally.series.question_set, {})
        for problem, value in signal.items():
            of_set.setdefault(problem, []).append(value)
    return {
        question_set: {p: sum(v) / len(v) for p, v in problems.items()}
        for question_set, problems in gathered.items()
    }


def agreement_name(agree: int, drawn: int) -> str:
    """Name of the bucket of questions on which so many samples agree."""
    return "all differ" if agree <= 1 else f"{agree} of {drawn} agree"
