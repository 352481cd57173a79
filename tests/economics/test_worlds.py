"""Simulated worlds whose truth is known: chances that come true, measurements that pay.

A world has true accuracies; the planner sees what questions drawn at random show of them. What it
calls 80 to 90% sure has to be so in about as many worlds, and what `next` measures has to leave
less regret than the same questions spent at random.

Draws know of an accuracy what questions show of it, and of how far two sides lie apart nothing
else. `apart` are the worlds of that model: each side has an accuracy of its own. In a `close` race
the sides lie hardly further apart than the questions err (4 points against 3), which no draw
knows: chances are too high there, by as much as the table of the guide says.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtri

from planner.curves import fit_curves
from planner.domain.draws import Draws
from planner.domain.observation import Observation, Observations
from planner.economics.parity import accuracy_parity, n_grid
from planner.economics.value_of_information import Choice, Measurable
from planner.economics.verdict import cheapest
from planner.economics.voi_sample import binomial_error

N = (1, 4, 16)
QUESTIONS = 300
ALIKE_MODEL, ALIKE_SET = 0.97, 0.56
"""Correlations of what makes a question easy: between votes of one model, and between models.

Right answers of two models then correlate by about .35, which is what the planner assumes."""
MARGIN = 0.06
"""How far a rival may lie outside the curve it is compared with."""

World = tuple[Callable[[np.ndarray], np.ndarray], float, float]
"""(voting curve over n, accuracy of the greedy rival, its cost in samples)."""


def curve_of(rng: np.random.Generator) -> tuple[Callable[[np.ndarray], np.ndarray], float, float]:
    """(curve over n, its accuracy at n = 1, its gain to n = 16)."""
    start, gain, bend = rng.uniform(0.3, 0.6), rng.uniform(0.06, 0.2), rng.uniform(0.2, 1.0)

    def at(n: np.ndarray) -> np.ndarray:
        return start + gain * (1 - n**-bend) / (1 - 16.0**-bend)

    return at, start, gain


def cost_in_samples(rng: np.random.Generator) -> float:
    """Prices know nothing of accuracies: a race made close by the truth would be a hint."""
    return float(2 ** rng.uniform(0.5, 3.5))


def apart(rng: np.random.Generator) -> World:
    """Each side has an accuracy of its own."""
    at, start, gain = curve_of(rng)
    return at, rng.uniform(start - MARGIN, start + gain + MARGIN), cost_in_samples(rng)


def close(rng: np.random.Generator) -> World:
    """The rival is as accurate as the votes at some n between 1.4 and 11.3."""
    at, _, _ = curve_of(rng)
    parity = 2 ** rng.uniform(0.5, 3.5)
    return at, float(at(np.array(parity))), cost_in_samples(rng)


def seen(rng: np.random.Generator, accuracies: np.ndarray, rival: float) -> list[float]:
    """Accuracies of four measurements on the same questions."""
    shared = rng.normal(size=QUESTIONS)
    model = rng.normal(size=QUESTIONS)
    found = []
    for p, own in (*((a, model) for a in accuracies), (rival, rng.normal(size=QUESTIONS))):
        latent = np.sqrt(ALIKE_SET) * shared + np.sqrt(ALIKE_MODEL - ALIKE_SET) * own
        latent += np.sqrt(1 - ALIKE_MODEL) * rng.normal(size=QUESTIONS)
        found.append(float((latent < ndtri(p)).mean()))
    return found


def told(worlds: int, kind: Callable[[np.random.Generator], World]) -> tuple[np.ndarray, ...]:
    """(world,) probability of the likelier side, and whether it is the cheaper one in truth."""
    votes_cheaper, costs, rows = [], [], []
    for world in range(worlds):
        rng = np.random.default_rng(world)
        at, rival, cost = kind(rng)
        # Votes are cheaper where they are more accurate at what the rival costs.
        votes_cheaper.append(float(at(np.array(cost))) > rival)
        costs.append(cost)
        common = {"question_set": f"s{world}", "bucket": "all", "n_questions": QUESTIONS}
        *votes, other = seen(rng, at(np.array(N, dtype=float)), rival)
        for n, x in zip(N, votes, strict=True):
            row = Observation(model="a", method="majority_vote", n_samples=n, accuracy=x, **common)
            rows.append(row)
        rows.append(Observation(model="b", method="greedy", n_samples=1, accuracy=other, **common))
    places = tuple(str(i) for i in range(len(rows)))
    book = fit_curves(Observations(tuple(rows), places, {}, ()), Draws(200, 1))
    curves = {(key.question_set, key.model): curve for key, curve in book.items()}
    grid = n_grid(16, N)
    chances, right = [], []
    for world, cost in enumerate(costs):
        a, b = curves[f"s{world}", "a"], curves[f"s{world}", "b"]
        found = accuracy_parity(a.accuracy(grid), b.accuracy([1.0])[:, 0], grid)
        verdict = cheapest(np.column_stack([found.n, np.full(len(found.n), cost)]), 0.0)
        chances.append(verdict.probability)
        right.append(votes_cheaper[world] == (verdict.leader == 0))
    return np.array(chances), np.array(right)


BANDS = ((0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01))


def by_band(chances: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """(mean of what is said, true share of the worlds) of each band, percent."""
    inside = [(chances >= low) & (chances < high) for low, high in BANDS]
    return [(100 * chances[some].mean(), 100 * right[some].mean()) for some in inside]


def check_calibration(chances: np.ndarray, right: np.ndarray) -> None:
    for low, high, least, most in ((0.8, 0.9, 0.75, 0.95), (0.9, 1.01, 0.85, 1.0)):
        inside = (chances >= low) & (chances < high)
        assert inside.sum() >= len(chances) / 10
        assert least <= right[inside].mean() <= most, (low, right[inside].mean())


@pytest.mark.parametrize("kind", [apart, close])
def test_sides_that_win_in_80_to_90_percent_of_the_draws_win_in_as_many_worlds(
    kind: Callable[[np.random.Generator], World],
) -> None:
    check_calibration(*told(400, kind))


# docs/next.md, percent of the worlds in which it is so, by band of what is said.
TRUE_APART = (54.7, 63.8, 77.3, 82.8, 97.7)
TRUE_CLOSE = (53.9, 57.8, 68.5, 77.0, 91.8)


@pytest.mark.verify
def test_chances_come_true_where_each_side_has_an_accuracy_of_its_own() -> None:
    chances, right = told(3000, apart)
    check_calibration(chances, right)
    bands = by_band(chances, right)
    assert [true for _, true in bands] == pytest.approx(TRUE_APART, abs=1.0)
    # No band has fewer than 200 worlds, whose share of wins errs by at most 3.5 points.
    assert max(abs(said - true) for said, true in bands) < 3.5


@pytest.mark.verify
def test_chances_in_close_races_are_too_high_by_the_table_of_the_guide() -> None:
    chances, right = told(3000, close)
    check_calibration(chances, right)
    assert [true for _, true in by_band(chances, right)] == pytest.approx(TRUE_CLOSE, abs=1.0)


MODELS, BUCKETS, ROUNDS, BATCH = 3, 3, 3, 150
DRAWS = 400


class Market:
    """Three models by three buckets; a plan is a model for each bucket."""

    def __init__(self, world: int) -> None:
        self.rng = np.random.default_rng(world)
        before = self.rng.integers(30, 120, (MODELS, BUCKETS)).astype(float)
        middle = self.rng.uniform(0.3, 0.8, BUCKETS) + self.rng.normal(0, 0.05, (MODELS, BUCKETS))
        middle = np.clip(middle, 0.05, 0.95)
        self.right, self.wrong = before * middle + 1, before * (1 - middle) + 1
        self.true = self.rng.beta(self.right, self.wrong)
        self.weight = self.rng.dirichlet(np.ones(BUCKETS))
        self.cost = np.sort(self.rng.uniform(0.0, 0.1, MODELS))

    def value(self, accuracy: np.ndarray) -> np.ndarray:
        """(..., bucket, model) worth of answering each bucket by each model."""
        per_query = np.swapaxes(accuracy, -1, -2) - self.cost
        return per_query * self.weight[:, None]

    @property
    def means(self) -> np.ndarray:
        return self.right / (self.right + self.wrong)

    def regret(self) -> float:
        """What the plan by the posterior means loses against the best one."""
        chosen = self.value(self.means).argmax(axis=-1)
        true = self.value(self.true)
        return float((true.max(axis=-1) - true[np.arange(BUCKETS), chosen]).sum())

    def measure(self, model: int, bucket: int) -> None:
        count = self.rng.binomial(BATCH, self.true[model, bucket])
        self.right[model, bucket] += count
        self.wrong[model, bucket] += BATCH - count

    def best_measurement(self, draws: int) -> tuple[int, int]:
        """The run of most expected gain, by the planner's EVSI."""
        drawn = self.rng.beta(self.right, self.wrong, (draws, MODELS, BUCKETS))
        gains = {}
        for bucket in range(BUCKETS):
            choice = Choice(self.value(drawn)[:, bucket, :])
            for model in range(MODELS):
                known = drawn[:, model, [bucket]]
                found = Measurable.of(choice, known).measured(binomial_error(known, BATCH))
                gains[model, bucket] = found.gain or 0.0
        return max(gains, key=gains.__getitem__)


def regrets(worlds: int, draws: int = DRAWS) -> dict[str, float]:
    """Mean regret after no measurement, the same number at random, and those of `next`."""
    total = {"none": 0.0, "random": 0.0, "next": 0.0}
    for world in range(worlds):
        total["none"] += Market(world).regret() / worlds
        for how in ("random", "next"):
            market = Market(world)
            picks = np.random.default_rng(10**6 + world)
            for _ in range(ROUNDS):
                at = (int(picks.integers(MODELS)), int(picks.integers(BUCKETS)))
                market.measure(*(market.best_measurement(draws) if how == "next" else at))
            total[how] += market.regret() / worlds
    return total


def test_measuring_what_pays_leaves_less_regret_than_measuring_at_random() -> None:
    found = regrets(60, draws=200)
    assert found["next"] < found["random"]
    assert found["next"] < 0.8 * found["none"]


@pytest.mark.verify
def test_over_200_worlds_what_pays_beats_random_by_the_table_of_the_guide() -> None:
    found = regrets(200)
    # docs/next.md, in points of accuracy.
    assert 100 * found["none"] == pytest.approx(1.80, abs=0.02)
    assert 100 * found["random"] == pytest.approx(1.52, abs=0.02)
    assert 100 * found["next"] == pytest.approx(0.68, abs=0.02)
