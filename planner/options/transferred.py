"""Accuracies of real traffic: those of the benchmark, shifted in logits by what is not known of it.

In draw i an option o answers class c with accuracy expit(logit(benchmark) + s_c + u_co), where

    s_c  ~ N(0, common_sd_logit^2)     all options of the class: harder or easier traffic
    u_co ~ N(0, option_sd_logit^2)     what suits one model and method more than another

An option is a model with a method and verifier; its n share one shift. A pilot on real traffic
gives y_j = logit(observed) - logit(benchmark) for some options j, with error variance
v_j = 1 / (q p (1 - p)) + Var[logit(benchmark)] for q questions at accuracy p. Prior draws
theta = s + u then become posterior draws by conditioning on y (Matheron's rule):

    theta + K_.j (K_jj + V)^-1 (y - theta_j - e),   K = common^2 1 1' + option^2 I,   e ~ N(0, V)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.domain.draws import Draws
from planner.domain.transfer import Transfer

Array = NDArray[np.float64]

Option = tuple[str, str, str | None]
"""Model, method, verifier."""
HALF = 0.5
"""Right and wrong answers that are added to a pilot's, so that 0 and 1 have a logit."""


@dataclass(frozen=True)
class Piloted:
    """What a pilot saw of an option on a query class."""

    query_class: str
    option: Option
    accuracy: float
    questions: float
    benchmark: Array
    """(draw,) what the benchmark says of the same; row 0 the central case."""

    @property
    def seen_logit(self) -> float:
        """logit(observed) - logit(benchmark)."""
        right = self.accuracy * self.questions + HALF
        wrong = (1.0 - self.accuracy) * self.questions + HALF
        return float(np.log(right / wrong) - _logit(self.benchmark)[0])

    @property
    def variance(self) -> float:
        """Of seen_logit as a reading of the shift."""
        count = self.questions + 2 * HALF
        p = (self.accuracy * self.questions + HALF) / count
        return float(1.0 / (count * p * (1.0 - p)) + _logit(self.benchmark)[1:].var())


@dataclass(frozen=True)
class Shifts:
    """Shifts of every class and option, in every draw."""

    transfer: Transfer
    draws: Draws
    pilot: tuple[Piloted, ...] = ()

    def of(self, query_class: str, option: Option) -> Array:
        """(draw,) logits; 0 in the central case without a pilot."""
        prior = self._prior(query_class, option)
        seen = [row for row in self.pilot if row.query_class == query_class]
        if not seen or self.transfer.nothing:
            return prior
        gain = self._covariance([option], seen) @ self._undone(seen)
        return np.asarray(prior + self._surprise(query_class) @ gain[0])

    def shifted(self, accuracy: Array, query_class: str, option: Option) -> Array:
        """Accuracies (draw, ...) on real traffic."""
        if self.transfer.nothing:
            return accuracy
        per_draw = (slice(None),) + (None,) * (accuracy.ndim - 1)
        odds = np.exp(self.of(query_class, option))[per_draw]
        return np.asarray(accuracy * odds / (1.0 - accuracy + accuracy * odds))

    def _prior(self, query_class: str, option: Option) -> Array:
        common = self.draws.normal(f"transfer|{query_class}")
        own = self.draws.normal(f"transfer|{query_class}|{'|'.join(map(str, option))}")
        total = self.transfer.common_sd_logit * common + self.transfer.option_sd_logit * own
        return np.asarray(total)

    def _covariance(self, options: Sequence[Option], seen: Sequence[Piloted]) -> Array:
        same = np.array([[one == row.option for row in seen] for one in options])
        common, own = self.transfer.common_sd_logit**2, self.transfer.option_sd_logit**2
        return np.asarray(common + own * same)

    def _undone(self, seen: Sequence[Piloted]) -> Array:
        """(K_jj + V)^-1."""
        spread = self._covariance([row.option for row in seen], seen)
        return np.asarray(np.linalg.inv(spread + np.diag([row.variance for row in seen])), float)

    def _surprise(self, query_class: str) -> Array:
        """(draw, row) y - theta_j - e of the pilot's rows of a class."""
        return self._surprises[query_class]

    @cached_property
    def _surprises(self) -> dict[str, Array]:
        found: dict[str, list[Array]] = {}
        for position, row in enumerate(self.pilot):
            error = np.sqrt(row.variance) * self.draws.normal(f"pilot|{position}")
            left = row.seen_logit - self._prior(row.query_class, row.option) - error
            found.setdefault(row.query_class, []).append(left)
        return {name: np.stack(rows, axis=1) for name, rows in found.items()}


def _logit(p: Array) -> Array:
    safe = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe / (1.0 - safe)))
