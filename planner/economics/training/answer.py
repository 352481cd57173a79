"""The answer of `planner train`, from a law, a required quality and the terms of spending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.training import exchange_rate
from planner.curves.loss_accuracy import LossLink
from planner.domain.draws import CENTRAL, Draws
from planner.domain.plan import Assumption
from planner.domain.training import DollarOptimum, Exchange, LinkUsed, TrainingAnswer
from planner.economics.training.cautions import cautions, unreachable
from planner.economics.training.dollars import DollarTerms
from planner.economics.training.laws import DrawnLaw
from planner.economics.training.optimum import Trained, chinchilla, flop_rates
from planner.economics.training.required import Required
from planner.economics.training.with_samples import Sampled, cheapest_with_samples

Array = NDArray[np.float64]

EXACT = "no interval: the coefficients are taken as exact; give a table of runs as the law for one"
_KAPLAN = "Kaplan et al. 2020, arXiv:2001.08361; attention is left out"
COUNTING = (
    Assumption(name="training FLOPs", value=6.0, unit="per parameter and token", source=_KAPLAN),
    Assumption(name="inference FLOPs", value=2.0, unit="per parameter and token", source=_KAPLAN),
)


@dataclass(frozen=True)
class Asked:
    """What a training answer is made of."""

    law: DrawnLaw
    required: Required
    inference_tokens: float
    dollars: DollarTerms | None = None
    size_ratio: float | None = None
    """How many times larger a model to weigh against more inference; None: not asked."""
    verifier_factor: float = 1.0


def training_answer(asked: Asked, draws: Draws) -> TrainingAnswer:
    """The model of least FLOPs over its life at the required quality, and of least dollars.

    Raises InfeasibleError where no model reaches the quality in the central case.
    """
    law, loss = asked.law.law, asked.required.loss
    rates = flop_rates(asked.inference_tokens)
    best = cheapest_with_samples(law, loss, *rates)
    if not np.isfinite(np.ravel(best.params)[CENTRAL]):
        raise unreachable(asked.law, asked.required)
    plain = chinchilla(law, loss)
    spent, rival = best.cost(*rates), plain.cost(*rates)
    training = best.cost(rates[0], 0.0)
    dollars, in_dollars = _dollars(asked, best, plain, draws)
    fields: dict[str, Any] = {
        **ranged("params", best.params),
        **ranged("train_tokens", best.tokens),
        **ranged("loss", np.broadcast_to(loss, best.params.shape)),
        **ranged("flop", spent),
        **_saved("flop", spent, rival),
    }
    return TrainingAnswer(
        law=asked.law.used,
        required=asked.required.words,
        inference_tokens=asked.inference_tokens,
        tokens_per_param=central(best.tokens / best.params),
        n_samples=round(central(best.samples)) if law.takes_samples else None,
        flop_training=central(training),
        flop_inference=central(spent - training),
        params_chinchilla=_finite(plain.params),
        train_tokens_chinchilla=_finite(plain.tokens),
        share_of_draws=float(np.isfinite(np.ravel(best.params)).mean()),
        interval_reason=None if fields.get("params_low") is not None else EXACT,
        dollars=dollars,
        links=tuple(
            _link(link, share, central(loss))
            for link, share in zip(asked.required.links, asked.required.shares, strict=True)
        ),
        exchange=_exchange(asked, best),
        assumptions=(*COUNTING, *(asked.dollars.assumptions if asked.dollars else ())),
        warnings=cautions(asked.law, asked.required, best, in_dollars, asked.dollars),
        **fields,
    )


def _dollars(
    asked: Asked, best: Sampled, plain: Trained, draws: Draws
) -> tuple[DollarOptimum | None, Sampled | None]:
    """The optimum in dollars, as it is told and as it was found."""
    if asked.dollars is None:
        return None, None
    law, loss = asked.law.law, asked.required.loss
    rates = asked.dollars.rates(asked.inference_tokens, draws)
    found = cheapest_with_samples(law, loss, *rates)
    spent, rival = found.cost(*rates), plain.cost(*rates)
    training = found.cost(rates[0], 0.0)
    fields: dict[str, Any] = {
        **ranged("params", found.params),
        **ranged("train_tokens", found.tokens),
        **ranged("usd", spent),
        **_saved("usd", spent, rival),
    }
    told = DollarOptimum(
        n_samples=round(central(found.samples)) if law.takes_samples else None,
        usd_training=central(training),
        usd_inference=central(spent - training),
        usd_of_flop_optimum=central(best.cost(*rates)),
        **fields,
    )
    return told, found


def _link(link: LossLink, share: float, loss: float) -> LinkUsed:
    accuracy = link.accuracy(loss)
    low, high = _interval(accuracy) or (float(accuracy[CENTRAL]), float(accuracy[CENTRAL]))
    return LinkUsed(
        bucket=link.bucket,
        share=share,
        intercept=float(link.intercept[CENTRAL]),
        slope=float(link.slope[CENTRAL]),
        models=link.models,
        error=link.error,
        worst_error=link.worst_error,
        scatter_logit=link.scatter_logit,
        accuracy=float(accuracy[CENTRAL]),
        accuracy_low=low,
        accuracy_high=high,
        extrapolated=not link.lowest_loss <= loss <= link.highest_loss,
    )


def _exchange(asked: Asked, best: Sampled) -> Exchange | None:
    if asked.size_ratio is None:
        return None
    ratio = asked.inference_tokens * central(best.samples) / central(best.tokens)
    multiple = float(exchange_rate(asked.size_ratio, ratio, asked.verifier_factor))
    return Exchange(
        size_ratio=asked.size_ratio,
        inference_to_training=ratio,
        verifier_factor=asked.verifier_factor,
        compute_multiple=multiple if np.isfinite(multiple) else None,
    )


def ranged(name: str, values: Array) -> dict[str, float | None]:
    """The central value, and the 90% interval where the draws differ."""
    low, high = _interval(values) or (None, None)
    return {name: central(values), f"{name}_low": low, f"{name}_high": high}


def _saved(unit: str, spent: Array, rival: Array) -> dict[str, float | None]:
    """What is saved against the Chinchilla-optimal model; None where it does not exist."""
    if not np.isfinite(central(rival)):
        keys = (f"{unit}_chinchilla", f"{unit}_saved", "saving")
        return dict.fromkeys(keys)
    return {
        f"{unit}_chinchilla": central(rival),
        **ranged(f"{unit}_saved", rival - spent),
        **ranged("saving", (rival - spent) / rival),
    }


def _interval(values: Array) -> tuple[float, float] | None:
    """5% and 95% over the draws in which there is a value; None where all are equal."""
    drawn = np.ravel(values)[1:]
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < 2 or np.ptp(drawn) <= 1e-12 * np.abs(drawn).max():
        return None
    low, high = np.quantile(drawn, [0.05, 0.95])
    return float(low), float(high)


def central(values: ArrayLike) -> float:
    """The central case of an array (draw,), or of a number."""
    return float(np.ravel(values)[CENTRAL])


def _finite(values: Array) -> float | None:
    value = central(values)
    return value if np.isfinite(value) else None
