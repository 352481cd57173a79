"""Difficulty buckets: one partition for all models, named by what it refers to.

| kind | bucket of a question | known before the query is answered |
|---|---|---|
| given | the level in the logs | where the level is |
| quantiles | quantile of a reference model's pass@1 (Snell et al. 2024, arXiv:2408.03314) | no |
| thresholds | its pass@1 from 1/2, from 1/10, below (Liu et al. 2025, arXiv:2502.06703) | no |
| pooled | quantile of the mean pass@1 of all models | no |
| verifier | quantile of a verifier's mean score of the reference model's first samples | yes |
| agreement | how many of its first samples agree | yes |

Samples that told the bucket are not measured in it, for a question that was lucky once is not
lucky again (regression to the mean): the samples are split, and each part serves once as the
signal and once, or the rest of it, as what is measured (two folds, averaged). Buckets that a
router can tell are cut at edges found on other questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from planner.domain.measured import PartitionUsed
from planner.domain.nearest import did_you_mean
from planner.domain.observation import ALL
from planner.errors import InputError, Note, Problem
from planner.measure.estimates import POOLS
from planner.measure.parts import SampleReader
from planner.measure.shuffle import keys
from planner.measure.signals import SIGNALS, Split, agreement_name, pooled
from planner.measure.table import Series, Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Kind = Literal["none", "given", "quantiles", "thresholds", "pooled", "verifier", "agreement"]
KINDS: tuple[Kind, ...] = (
    "none", "given", "quantiles", "thresholds", "pooled", "verifier", "agreement"
)  # fmt: skip
DEPLOYABLE = ("verifier", "agreement")
WITHOUT_REFERENCE: tuple[Kind, ...] = ("none", "given", "pooled")
THRESHOLDS = {"hard (under 10%)": 0.0, "medium (10-50%)": 0.1, "easy (50-100%)": 0.5}
"""Lowest pass@1 of each bucket of Liu et al. 2025."""
NO_LEVEL = "no level"
"""Bucket of questions without a level, where others have one."""


@dataclass(frozen=True)
class Wish:
    """The partition that the user asks for."""

    kind: Kind | None = None
    """None: the levels given in the logs where there are any."""
    reference: str | None = None
    """Model that difficulty refers to."""
    buckets: int = 5
    signal_samples: int = 4
    """Samples that a router draws, and pays for, to tell the bucket."""


@dataclass(frozen=True)
class Partition:
    """Buckets of every question in every fold."""

    used: PartitionUsed
    folds: tuple[Mapping[tuple[str, str], str], ...] = ({},)
    """Of each fold the bucket of (question set, problem); without one it is only in the whole."""
    split: Mapping[Series, Split] = field(default_factory=dict)
    """Series whose samples told the buckets, and which of them did in each fold."""
    notes: tuple[Note, ...] = ()

    def buckets(self, series: Series, problems: Sequence[str]) -> list[list[str | None]]:
        """Bucket of each problem of a series in each fold."""
        return [[fold.get((series.question_set, p)) for p in problems] for fold in self.folds]


def partition_of(
    wish: Wish, tallies: Sequence[Tally], reader: SampleReader, seed: int
) -> Partition:
    """The partition asked for.

    Raises InputError where the reference is missing or ambiguous, or has too few samples.
    """
    given = any(bucket not in (None, ALL) for tally in tallies for bucket in tally.bucket)
    kind = wish.kind or ("given" if given else "none")
    if kind == "none":
        return Partition(PartitionUsed(name="none", sentence="The questions are not cut into "
                                       "buckets.", deployable=False))  # fmt: skip
    if kind == "given":
        return _given(tallies)
    if kind != "pooled" and wish.reference is None:
        raise InputError(
            Problem(
                "--partition",
                f"{kind} buckets refer to a model, and none is named",
                value=kind,
                remedy=f"add --reference MODEL, one of {_some(_models(tallies))}",
            )
        )
    references = _references(wish, kind, tallies)
    return _by_signal(wish, kind, references, tallies, reader, seed)


def _given(tallies: Sequence[Tally]) -> Partition:
    levels: dict[tuple[str, str], str] = {
        (t.series.question_set, problem): bucket
        for t in tallies
        for problem, bucket in zip(t.problem, t.bucket, strict=True)
        if bucket is not None and bucket != ALL
    }
    leveled = {question_set for question_set, _ in levels}
    without = {
        (t.series.question_set, problem): NO_LEVEL
        for t in tallies
        if t.series.question_set in leveled
        for problem in t.problem
        if (t.series.question_set, problem) not in levels
    }
    if not levels:
        raise InputError(
            Problem("--partition", "no level is given in the logs", value="given",
                    remedy="add a column bucket, or ask for another partition")
        )  # fmt: skip
    notes: tuple[Note, ...] = ()
    if without:
        what = f"{len(without)} questions have no level: they form the bucket {NO_LEVEL!r}"
        notes = (Note("no_level", what),)
    used = PartitionUsed(name="given", sentence="Buckets are the levels given in the logs.",
                         deployable=False)  # fmt: skip
    return Partition(used, ({**levels, **without},), notes=notes)


def _models(tallies: Sequence[Tally]) -> list[str]:
    return sorted({t.series.model for t in tallies if t.series.method in POOLS})


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")


def _references(wish: Wish, kind: Kind, tallies: Sequence[Tally]) -> list[Tally]:
    """The series whose samples tell the buckets: one a question set, or all where pooled."""
    drawn = [t for t in tallies if t.series.method in POOLS]
    need = wish.signal_samples + 1 if kind in DEPLOYABLE else 2
    enough = [t for t in drawn if t.largest_n >= need]
    if kind == "pooled":
        chosen = enough
    else:
        of_model = [t for t in drawn if t.series.model == wish.reference]
        if not of_model:
            raise InputError(_no_such_model(wish, tallies))
        chosen = list(_most_samples([t for t in enough if t.series.model == wish.reference]))
    if kind == "verifier":
        chosen = [t for t in chosen if (t.n_score > 0).all()]
    if not chosen:
        raise InputError(
            Problem("--partition", _why_none(kind, need), "--reference", wish.reference,
                    "draw more samples, or ask for another partition")
        )  # fmt: skip
    return chosen


def _most_samples(tallies: Sequence[Tally]) -> list[Tally]:
    best: dict[str, Tally] = {}
    for tally in sorted(tallies, key=lambda t: str(t.series)):
        held = best.setdefault(tally.series.question_set, tally)
        if tally.n.sum() > held.n.sum():
            best[tally.series.question_set] = tally
    return list(best.values())


def _why_none(kind: Kind, need: int) -> str:
    told = {"verifier": "scored samples", "agreement": "samples with answers"}.get(kind, "samples")
    return f"{kind} buckets need {need} or more {told} of every problem of the reference"


def _no_such_model(wish: Wish, tallies: Sequence[Tally]) -> Problem:
    models = _models(tallies)
    near = did_you_mean(wish.reference or "", models) or f"the models are {_some(models)}"
    return Problem(
        "--reference", "no samples of this model were logged", None, wish.reference, near
    )


def _by_signal(
    wish: Wish,
    kind: Kind,
    references: Sequence[Tally],
    tallies: Sequence[Tally],
    reader: SampleReader,
    seed: int,
) -> Partition:
    split = Split(wish.signal_samples if kind in DEPLOYABLE else None)
    folds: list[dict[tuple[str, str], str]] = []
    for fold in range(split.folds(min(t.largest_n for t in references))):
        told = [SIGNALS[kind](tally, reader, split, fold) for tally in references]
        folds.append({})
        for question_set, signal in pooled(references, told).items():
            buckets = _cut(wish, kind, signal, seed)
            folds[-1] |= {(question_set, p): b for p, b in buckets.items()}
    sets = {t.series.question_set for t in tallies} - {t.series.question_set for t in references}
    notes = [
        Note("no_reference", f"{question_set}: the reference was not measured on it, so it is not "
             "cut into buckets")
        for question_set in sorted(sets)
    ]  # fmt: skip
    if kind not in ("thresholds", "agreement"):
        folds = _ends_named(folds)
    used = PartitionUsed(
        name=kind if kind == "pooled" else f"{kind}: {wish.reference}",
        sentence=_sentence(wish, kind),
        deployable=kind in DEPLOYABLE,
        router_samples=wish.signal_samples if kind in DEPLOYABLE else 0,
    )
    return Partition(used, tuple(folds), {t.series: split for t in references}, tuple(notes))


def _cut(wish: Wish, kind: Kind, signal: Mapping[str, float], seed: int) -> dict[str, str]:
    """Bucket of each question of a set from its signal."""
    import numpy as np

    problems = sorted(signal)
    value = np.array([signal[p] for p in problems])
    if kind == "agreement":
        drawn = wish.signal_samples
        return {
            p: agreement_name(round(v * drawn), drawn) for p, v in zip(problems, value, strict=True)
        }
    if kind == "thresholds":
        names, lows = list(THRESHOLDS), np.array(list(THRESHOLDS.values()))
        # Means of whole counts fall on the thresholds themselves: they belong to the bucket above.
        place = np.searchsorted(lows, value + 1e-12, side="right") - 1
        return {p: names[i] for p, i in zip(problems, place.tolist(), strict=True)}
    group = np.zeros(len(problems), dtype=np.int64)
    if kind in DEPLOYABLE and len(problems) >= 4 * wish.buckets:
        group = (keys(problems, "edges", seed) & np.uint64(1)).astype(np.int64)
    place = np.zeros(len(problems), dtype=np.int64)
    for side in (0, 1):
        mine = group == side
        others = value[~mine] if mine.any() and not mine.all() else value
        edges = np.quantile(others, np.arange(1, wish.buckets) / wish.buckets)
        # Equal values are all in the lowest quantile that holds one: the next may be empty.
        place[mine] = np.searchsorted(edges, value[mine] - 1e-12, side="left")
    return {p: f"q{i + 1}" for p, i in zip(problems, place.tolist(), strict=True)}


def _ends_named(
    folds: Sequence[Mapping[tuple[str, str], str]],
) -> list[dict[tuple[str, str], str]]:
    """The same buckets, the hardest and the easiest of each question set named so."""
    places: dict[str, set[int]] = {}
    for fold in folds:
        for (question_set, _), bucket in fold.items():
            places.setdefault(question_set, set()).add(int(bucket[1:]))
    named = {
        question_set: {
            f"q{min(held)}": f"q{min(held)} (hardest)",
            f"q{max(held)}": f"q{max(held)} (easiest)",
        }
        for question_set, held in places.items()
        if len(held) > 1
    }
    return [{key: named.get(key[0], {}).get(b, b) for key, b in fold.items()} for fold in folds]


def _sentence(wish: Wish, kind: Kind) -> str:
    of = wish.reference
    told = wish.signal_samples
    return {
        "quantiles": f"Buckets are {wish.buckets} quantiles of the pass@1 of {of} (Snell et al. "
        "2024), told by half of its samples and measured on the other half.",
        "thresholds": f"Buckets are ranges of the pass@1 of {of} (Liu et al. 2025), told by half "
        "of its samples and measured on the other half.",
        "pooled": f"Buckets are {wish.buckets} quantiles of the mean pass@1 of all models, told by "
        "half of the samples and measured on the other half.",
        "verifier": f"Buckets are {wish.buckets} quantiles of the verifier's mean score of {told} "
        f"samples of {of}, cut at edges found on other questions; the samples are paid for.",
        "agreement": f"Buckets say how many of {told} samples of {of} agree; they are paid for.",
    }[kind]
