"""The answer of `planner train` where two budgets are given in place of a quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.curves.loss_accuracy import beta_coverage
from planner.domain.training import TrainingAnswer
from planner.economics.training.answer import COUNTING, EXACT, central, ranged
from planner.economics.training.budgets import chinchilla_within, least_loss, most_coverage
from planner.economics.training.cautions import beyond_the_law
from planner.economics.training.laws import DrawnLaw
from planner.economics.training.optimum import flop_rates
from planner.economics.training.with_samples import Sampled
from planner.units import format_flop

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Budgets:
    """What may be spent."""

    train_flop: float
    flop_per_token: float
    """Inference FLOPs for each token served, all samples together."""
    inference_tokens: float
    """Served over the life of the model."""
    coverage: Sequence[float] | None = None
    """th0 to th4, where coverage rather than the loss is to be best."""


def budget_answer(law: DrawnLaw, budgets: Budgets) -> TrainingAnswer:
    """The model and samples that do best within both budgets, beside the Chinchilla-optimal one."""
    limits = budgets.train_flop, budgets.flop_per_token
    if budgets.coverage is None:
        best = least_loss(law.law, *limits)
    else:
        best = most_coverage(law.law, budgets.coverage, *limits)
    plain = chinchilla_within(law.law, *limits)
    rates = flop_rates(budgets.inference_tokens)
    training = best.cost(rates[0], 0.0)
    spent, rival = best.cost(*rates), plain.cost(*rates)
    loss = law.law.loss(best.params, best.tokens, best.samples)
    fields: dict[str, Any] = {
        **ranged("params", best.params),
        **ranged("train_tokens", best.tokens),
        **ranged("loss", loss),
        **ranged("flop", spent),
        **ranged("flop_saved", rival - spent),
        **ranged("saving", (rival - spent) / rival),
    }
    return TrainingAnswer(
        law=law.used,
        required=f"a training budget of {format_flop(budgets.train_flop)} and"
        f" {format_flop(budgets.flop_per_token)} for each token served",
        inference_tokens=budgets.inference_tokens,
        tokens_per_param=central(best.tokens / best.params),
        n_samples=round(central(best.samples)),
        flop_training=central(training),
        flop_inference=central(spent - training),
        params_chinchilla=central(plain.params),
        train_tokens_chinchilla=central(plain.tokens),
        flop_chinchilla=central(rival),
        n_samples_chinchilla=round(central(plain.samples)),
        loss_chinchilla=central(law.law.loss(plain.params, plain.tokens, plain.samples)),
        coverage=_coverage(law, budgets, best),
        coverage_chinchilla=_coverage(law, budgets, plain),
        share_of_draws=float(np.isfinite(np.ravel(best.params)).mean()),
        interval_reason=None if fields["params_low"] is not None else EXACT,
        assumptions=COUNTING,
        warnings=tuple(beyond_the_law(law, best, "optimum")),
        **fields,
    )


def _coverage(law: DrawnLaw, budgets: Budgets, model: Sampled) -> float | None:
    if budgets.coverage is None:
        return None
    loss = law.law.loss(model.params, model.tokens)
    return central(beta_coverage(loss, model.samples, budgets.coverage))
