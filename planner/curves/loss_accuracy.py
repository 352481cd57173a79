"""What accuracy a loss means, by difficulty bucket, fitted to the user's own scored models.

    logit(accuracy) = intercept + slope x loss                                  (one sample)

A binomial regression over models, whose scatter about the line beyond the binomial's is estimated
and goes into the draws: the next model will not stand on the line either. Sources: the form,
Roberts et al. 2026 (arXiv:2604.01411), approach 2, with a ceiling of 1; scatter by the excess of
squared working residuals, McCullagh and Nelder 1989, Generalized Linear Models, section 4.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, logit

from planner.curves.families.base import Array
from planner.curves.logistic_fit import logistic_fit
from planner.domain.draws import CENTRAL, Draws

LEAST_MODELS = 4
"""A line has two coefficients; the error of three models about it says nothing of a fourth."""


class LinkError(ValueError):
    """Why a table of scored models gives no link."""


@dataclass(frozen=True)
class Scored:
    """Models scored on one bucket."""

    bucket: str
    loss: Array
    """(draw, model), or (1, model) where the losses are known."""
    accuracy: Array
    """(model,)"""
    questions: Array
    """(model,)"""


@dataclass(frozen=True)
class LossLink:
    """logit(accuracy) = intercept + slope x loss on one bucket, over draws."""

    bucket: str
    intercept: Array
    """(draw,): with the scatter of one more model about the line."""
    slope: Array
    """(draw,): negative."""
    error: float
    """Mean absolute error of accuracy of each model predicted from the others."""
    worst_error: float
    """The largest of those errors."""
    scatter_logit: float
    """Standard deviation of models about the line beyond the binomial's, in logits."""
    models: int
    lowest_loss: float
    highest_loss: float
    questions: float
    """Of one model, the mean over models."""

    def accuracy(self, loss: ArrayLike) -> Array:
        """Accuracy of a model of that loss, (draw,)."""
        return np.asarray(expit(self.intercept + self.slope * np.asarray(loss)), dtype=np.float64)

    def loss_at(self, accuracy: ArrayLike) -> Array:
        """The loss at which the accuracy is reached, (draw,); NaN where accuracy does not fall."""
        slope = np.where(self.slope < 0, self.slope, np.nan)
        found = (logit(np.asarray(accuracy, dtype=float)) - self.intercept) / slope
        return np.asarray(found, dtype=np.float64)


def fit_link(scored: Scored, draws: Draws) -> LossLink:
    """The link of one bucket. Raises LinkError where there is none to be had.

    Row 0 is the fit; a draw simulates every model's count again, scattered about the line, and
    fits to that (a parametric bootstrap), with the loss that the draw's law gives the model.
    """
    models = len(scored.accuracy)
    if models < LEAST_MODELS:
        raise LinkError(
            f"{scored.bucket}: {models} models are too few: from {LEAST_MODELS} on the error of"
            " the link can be told"
        )
    if len(np.unique(scored.loss[CENTRAL])) < 2:
        raise LinkError(f"{scored.bucket}: all models have the same loss")
    right = (scored.accuracy * scored.questions)[None, :]
    total = scored.questions[None, :]
    design = _design(scored.loss[CENTRAL])
    central = logistic_fit(design, right, total)[0]
    if not central[1] < 0:
        raise LinkError(
            f"{scored.bucket}: accuracy does not fall as the loss rises (slope {central[1]:+.3g}"
            " logits), so that no loss stands for an accuracy"
        )
    errors = np.abs(_left_out(design, right[0], total[0]) - scored.accuracy)
    scatter = _scatter(design, central, right[0], total[0], draws, scored.bucket)
    theta = _drawn(scored, central, scatter, draws)
    return LossLink(
        bucket=scored.bucket,
        intercept=theta[:, 0] + scatter * draws.normal(f"accuracy of a new model|{scored.bucket}"),
        slope=theta[:, 1],
        error=float(errors.mean()),
        worst_error=float(errors.max()),
        scatter_logit=float(scatter[CENTRAL]),
        models=models,
        lowest_loss=float(scored.loss[CENTRAL].min()),
        highest_loss=float(scored.loss[CENTRAL].max()),
        questions=float(scored.questions.mean()),
    )


def beta_coverage(
    loss: ArrayLike, samples: ArrayLike, theta: Sequence[float], *, one_chance: bool = False
) -> Array:
    """Share of questions that at least one of k samples answers, at a loss.

    mu = th2 / (1 + exp(th1 (L - th0))), nu = exp(th3 + th4 L), a = mu nu, b = (1 - mu) nu,
    coverage = 1 - B(a, b + k) / B(a, b): chances of single samples are Beta(a, b) over questions.
    one_chance: 1 - (1 - mu)^k instead, as if all questions were alike, which overstates it.
    Source: Roberts et al. 2026 (arXiv:2604.01411), approach 2; theta = (th0, th1, th2, th3, th4).
    """
    th0, th1, th2, th3, th4 = theta
    value, k = np.asarray(loss, dtype=float), np.asarray(samples, dtype=float)
    mu = th2 * expit(-th1 * (value - th0))
    if one_chance:
        return np.asarray(-np.expm1(k * np.log1p(-mu)), dtype=np.float64)
    nu = np.exp(th3 + th4 * value)
    a, b = mu * nu, (1 - mu) * nu
    return np.asarray(-np.expm1(betaln(a, b + k) - betaln(a, b)), dtype=np.float64)


def _design(loss: Array) -> Array:
    return np.stack([np.ones_like(loss), loss], axis=1)


def _left_out(design: Array, right: Array, total: Array) -> Array:
    """Accuracy of each model predicted from the others, (model,)."""
    others = 1.0 - np.eye(len(right))
    theta = logistic_fit(design, right * others, total * others)
    return np.asarray(expit(np.einsum("mc,mc->m", design, theta)), dtype=np.float64)


def _scatter(
    design: Array, theta: Array, right: Array, total: Array, draws: Draws, bucket: str
) -> Array:
    """Standard deviation in logits beyond the binomial's, by moments, (draw,).

    E[sum of squared Pearson residuals] = (models - 2) + scatter^2 sum(weight (1 - leverage)).
    Pearson's statistic of few models is itself uncertain: a draw has it times (models - 2) over a
    chi-square of as many degrees of freedom, as a residual variance is drawn.
    """
    chance = expit(design @ theta)
    weight = total * chance * (1 - chance)
    inverse = np.linalg.inv(design.T @ (weight[:, None] * design))
    leverage = weight * np.einsum("mi,ij,mj->m", design, inverse, design)
    pearson = float(((right - total * chance) ** 2 / weight).sum())
    freedom = len(right) - 2
    rng = draws.generator(f"scatter of models|{bucket}")
    drawn = pearson * freedom / rng.chisquare(freedom, draws.n)
    excess = np.concatenate([[pearson], drawn]) - freedom
    scatter: Array = np.sqrt(np.maximum(excess, 0.0) / (weight * (1 - leverage)).sum())
    return scatter


def _drawn(scored: Scored, central: Array, scatter: Array, draws: Draws) -> Array:
    rng = draws.generator(f"link of loss and accuracy|{scored.bucket}")
    line = _design(scored.loss[CENTRAL]) @ central
    noise = scatter[1:, None] * rng.standard_normal((draws.n, len(line)))
    total = np.broadcast_to(np.maximum(np.rint(scored.questions), 1.0), noise.shape)
    right = rng.binomial(total.astype(np.int64), expit(line + noise)).astype(float)
    if len(scored.loss) == 1:
        found = logistic_fit(_design(scored.loss[0]), right, total)
    else:
        found = np.concatenate(
            [
                logistic_fit(_design(scored.loss[i + 1]), right[i : i + 1], total[i : i + 1])
                for i in range(draws.n)
            ]
        )
    return np.concatenate([central[None, :], found])
