"""Joint draws of measured accuracies: draw i is one resample of every question set.

Two accuracies measured on the same questions err together, so that their comparison is
paired. Where the samples were measured by the planner, how far the errors go together is in
the replicate table of their question set (`planner.measure.paired`). Of aggregated rows the
questions are not known one by one; it is then an assumption, `Correlation`, which the page
prints.

The error of an observed mean, in standard deviations, is

    z = sqrt(models) g[set, bucket] + sqrt(methods - models) g[set, bucket, model]
        + sqrt(1 - methods) g[curve](n)

with each g a standard normal stream seeded by its name, and g[curve] correlated over log2 n.
Streams depend on names alone, with one exception, which needs the sizes of buckets: where the
buckets of a question set add up to its bucket `all`, the errors of the whole are those of its
parts, weighted by sqrt(questions in the bucket / questions in the set).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.domain.observation import ALL, Observation
from planner.measure.paired import PairedErrors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from planner.domain.draws import Draws
    from planner.domain.measured import Replicated

    Array = NDArray[np.float64]

Z_MAX = 6.0
"""Errors beyond this many standard deviations are held at it (one in 1e9)."""
NODES_PER_SD = 8
"""Nodes of the quantile function per standard deviation: exact to 1e-6 by cubic pieces."""
QUESTIONS_MAX = 1e9
"""Stands for "many" where a standard error is next to nothing."""
BLOCK = 1 << 14
"""Draws of accuracies that are made at a time."""


@dataclass(frozen=True)
class Correlation:
    """How far errors of accuracies go together that were measured on the same questions.

    An assumption for rows without per-question outcomes. Between models, medians of .33 on
    GPQA Diamond and .48 on OTIS Mock AIME were seen in per-sample logs of Epoch AI's
    benchmark runs.
    """

    models: float = 0.35
    """Between two models."""
    methods: float = 0.6
    """Between two methods of one model."""
    doubling: float = 0.9
    """Of the part that belongs to one curve: between n and 2n (points at different n
    share samples); to the power |log2 (n / n')| further apart."""
    doubling_of_picks: float = 0.5
    """The same of what a verifier picks, never above `doubling`: the best rated of 2n samples is
    among the first n in half of the cases."""

    def __post_init__(self) -> None:
        nested = 0.0 <= self.models <= self.methods <= 1.0
        if not nested or not 0.0 < self.doubling <= 1.0 or not 0.0 < self.doubling_of_picks <= 1.0:
            raise ValueError(
                "correlations need 0 <= models <= methods <= 1, and doubling and doubling_of_picks"
                f" above 0 and up to 1, not models {self.models:g}, methods {self.methods:g},"
                f" doubling {self.doubling:g}, doubling_of_picks {self.doubling_of_picks:g}"
            )

    def of_picks(self) -> Correlation:
        """The correlation of what a verifier picks."""
        return replace(self, doubling=min(self.doubling, self.doubling_of_picks))

    def along_curve(self, n: float, other_n: float) -> float:
        """Correlation of the errors of one curve at two numbers of samples."""
        doublings = abs(math.log2(other_n / n))
        return self.methods + (1.0 - self.methods) * math.pow(self.doubling, doublings)


Parts = Mapping[str, Mapping[str, float]]
"""Question set -> bucket -> its share of the set's questions."""


def parts_of_sets(rows: Iterable[Observation]) -> Parts:
    """The buckets of each question set whose sizes add up to the size of its bucket `all`.

    A bucket's size is the largest n_questions seen for it. Sets whose buckets do not add up
    (or were cut in two ways at once) are left out: the whole then errs on its own.
    """
    sizes: dict[str, dict[str, int]] = {}
    for row in rows:
        buckets = sizes.setdefault(row.question_set, {})
        buckets[row.bucket] = max(row.n_questions, buckets.get(row.bucket, 0))
    parts: dict[str, dict[str, float]] = {}
    for question_set, buckets in sizes.items():
        whole = buckets.pop(ALL, None)
        if whole is not None and buckets and sum(buckets.values()) == whole:
            parts[question_set] = {b: buckets[b] / whole for b in sorted(buckets)}
    return parts


def accuracy_draws(
    rows: Sequence[Observation],
    draws: Draws,
    correlation: Correlation | None = None,
    parts: Parts | None = None,
    replicates: Sequence[Replicated] = (),
) -> Array:
    """Draws of the accuracy of each row, shape (draw, row).

    Row 0 is the measured accuracy itself. The others are quantiles, at the correlated errors
    of this module, of the Beta posterior of each accuracy under Jeffreys' prior
    (accuracy * n + 1/2 right, (1 - accuracy) * n + 1/2 wrong, n = n_questions), so that 0 and
    1 are handled. Where accuracy_se is given, n = accuracy (1 - accuracy) / accuracy_se^2, but
    see `effective_questions` next to 0 and 1.

    `parts` says which buckets make up a whole; by default it is read from `rows`. Give it
    where `rows` is a selection, so that the draws do not depend on the selection.

    `replicates` are the resamples of questions behind some of the rows: their errors are those
    of the replicates, and `correlation` is assumed of the other rows alone.
    """
    import numpy as np

    measured = PairedErrors(replicates, draws)
    assumed = _Errors(draws, correlation or Correlation(), parts or parts_of_sets(rows))
    accuracy = np.array([row.accuracy for row in rows], dtype=np.float64)
    values = np.empty((len(rows), draws.rows))
    values[:, 0] = accuracy
    if rows:
        errors = (measured.of(row) for row in rows)
        z = np.stack(
            [
                assumed.of(row)[1:] if error is None else error
                for row, error in zip(rows, errors, strict=True)
            ]
        )
        questions = np.array([effective_questions(row) for row in rows])
        values[:, 1:] = _beta_quantile(accuracy * questions, (1 - accuracy) * questions, z)
    exact = [i for i, row in enumerate(rows) if row.accuracy_se == 0 and 0 < row.accuracy < 1]
    values[exact] = accuracy[exact, None]
    return values.T


def effective_questions(row: Observation) -> float:
    """Right-or-wrong questions that know as much of an accuracy as the row's questions do.

    n = accuracy (1 - accuracy) / accuracy_se^2, or n_questions where there is no accuracy_se. A
    mean next to 0 or 1 is drawn half an answer towards 1/2 before it is compared: its own
    variance is next to nothing, and so would be the questions. Where few answers are right, or
    few wrong (m of them), n is lowered by the factor 1 - exp(-m / 4) / 4: with it the interval
    covers any binomial truth with 87% or more, without it 81% at two right answers expected.
    """
    count = float(row.n_questions)
    few = count * min(row.accuracy, 1.0 - row.accuracy)
    factor = 1.0 - math.exp(-few / 4.0) / 4.0
    if row.accuracy_se is None:
        return count * factor
    square = max(row.accuracy_se, 1e-12) ** 2
    p = (row.accuracy * count + 0.5) / (count + 1.0)
    plain = row.accuracy * (1.0 - row.accuracy) / square
    return min(max(plain, min(p * (1.0 - p) / square, count)) * factor, QUESTIONS_MAX)


class _Errors:
    """Standard normal errors of rows, shape (draw,), from named streams."""

    def __init__(self, draws: Draws, correlation: Correlation, parts: Parts) -> None:
        self.draws = draws
        self.correlation = correlation
        self.parts = parts
        self.streams: dict[str, Array] = {}
        self.of_models: dict[str, Array] = {}
        self.chains: dict[str, list[Array]] = {}

    def of(self, row: Observation) -> Array:
        import numpy as np

        parts = self.parts.get(row.question_set)
        if row.bucket != ALL or parts is None:
            return self.in_bucket(row, row.bucket)
        whole: Array = np.sum(
            [math.sqrt(share) * self.in_bucket(row, bucket) for bucket, share in parts.items()],
            axis=0,
        )
        return whole

    def in_bucket(self, row: Observation, bucket: str) -> Array:
        r = self.correlation
        questions = f"error|{row.question_set}|{bucket}"
        curve = "|".join(
            str(axis)
            for axis in (
                questions,
                row.model,
                row.method,
                row.verifier,
                row.temperature,
                row.depth,
                row.width,
                row.thinking_tokens,
            )
        )
        shared = self.of_model(questions, row.model)
        return shared + math.sqrt(1.0 - r.methods) * self.at_n(curve, row.n_samples)

    def of_model(self, questions: str, model: str) -> Array:
        """What all accuracies of a model on the same questions err together."""
        name = f"{questions}|{model}"
        if name not in self.of_models:
            r = self.correlation
            of_questions = math.sqrt(r.models) * self.stream(questions)
            own = math.sqrt(r.methods - r.models) * self.draws.normal(name)
            self.of_models[name] = of_questions + own
        return self.of_models[name]

    def stream(self, name: str) -> Array:
        if name not in self.streams:
            self.streams[name] = self.draws.normal(name)
        return self.streams[name]

    def at_n(self, curve: str, n: int) -> Array:
        """The curve's own error at n: an autoregression over the doublings 1, 2, 4, ...

        Between two of them it has the mean and variance that its ends imply, and a stream of
        its own, so that what is drawn at n does not depend on which other n were measured.
        """
        rho = self.correlation.doubling
        doubling = n.bit_length() - 1
        low = self.at_doubling(curve, doubling)
        if n == 1 << doubling or rho == 1.0:
            return low
        high = self.at_doubling(curve, doubling + 1)
        fraction = math.log2(n) - doubling
        from_low, from_high = math.pow(rho, fraction), math.pow(rho, 1.0 - fraction)
        gap = 1.0 - rho**2
        mean = (
            from_low * (1.0 - from_high**2) * low + from_high * (1.0 - from_low**2) * high
        ) / gap
        sd = math.sqrt((1.0 - from_low**2) * (1.0 - from_high**2) / gap)
        between: Array = mean + sd * self.stream(f"{curve}|n={n}")
        return between

    def at_doubling(self, curve: str, doubling: int) -> Array:
        rho = self.correlation.doubling
        chain = self.chains.setdefault(curve, [])
        while len(chain) <= doubling:
            fresh = self.draws.normal(f"{curve}|2^{len(chain)}")
            chain.append(rho * chain[-1] + math.sqrt(1.0 - rho**2) * fresh if chain else fresh)
        return chain[doubling]


def _beta_quantile(right: Array, wrong: Array, z: Array) -> Array:
    """Quantiles of Beta(right + 1/2, wrong + 1/2) at ndtr(z), shapes (row,), (row, draw).

    The inverse of the incomplete beta function is slow: it is computed on a grid of z and
    continued by cubic Hermite pieces, whose slopes are known: dq/dz = phi(z) / pdf(q).
    """
    import numpy as np
    from scipy.special import betaincinv, betaln, ndtr

    # Many rows share a count of right answers, and so their quantiles.
    pairs, row = np.unique(np.stack([right, wrong], axis=1), axis=0, return_inverse=True)
    a, b = pairs[:, :1] + 0.5, pairs[:, 1:] + 0.5
    nodes = np.linspace(-Z_MAX, Z_MAX, round(2 * Z_MAX * NODES_PER_SD) + 1)
    q = betaincinv(a, b, ndtr(nodes))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_pdf = (a - 1.0) * np.log(q) + (b - 1.0) * np.log1p(-q) - betaln(a, b)
        slope = np.exp(-0.5 * nodes**2 - 0.5 * math.log(2.0 * math.pi) - log_pdf)
    slope = np.where(np.isfinite(slope), slope, 0.0) / NODES_PER_SD

    quantile = np.empty_like(z)
    # By blocks of rows that stay in a processor's cache.
    rows = max(1, BLOCK // z.shape[1])
    for start in range(0, len(z), rows):
        some = slice(start, start + rows)
        at = (np.clip(z[some], -Z_MAX, Z_MAX) + Z_MAX) * NODES_PER_SD
        left = np.minimum(at.astype(np.int64), len(nodes) - 2)
        t = at - left
        left += len(nodes) * row.reshape(-1, 1)[some]
        q0, q1 = q.ravel()[left], q.ravel()[left + 1]
        s0, s1 = slope.ravel()[left], slope.ravel()[left + 1]
        rise = q1 - q0
        value = q0 + t * (s0 + t * (3.0 * rise - 2.0 * s0 - s1 + t * (s0 + s1 - 2.0 * rise)))
        np.clip(value, 0.0, 1.0, out=quantile[some])
    return quantile
