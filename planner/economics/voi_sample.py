"""What a measurement is expected to leave known of what it measures, before it is made.

An input theta with prior covariance S, measured with an error of covariance R, has a posterior mean
that is spread, before the measurement is made, with covariance

    P = S (S + R)^-1 S

(the linear Bayes rule; exact for normal inputs and for the Beta-binomial). Draws of the posterior
mean are the prior's draws moved towards their mean until they have that covariance (Jalal and
Alarid-Escudero 2018, Medical Decision Making 38:174; Heath, Manolopoulou and Baio 2018, 38:163).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SMALL = 1e-10
"""Variance of a direction, relative to the largest, that counts as none."""


def posterior_means(inputs: Array, error: Array) -> Array:
    """(draw, input) draws of the posterior mean of inputs (draw, input).

    error (input, input): covariance R of what would be measured. mean + M (theta - mean) with
    M S M' = S (S + R)^-1 S, M = S^1/2 (S^1/2 (S + R)^-1 S^1/2)^1/2 S^-1/2.
    """
    mean = inputs.mean(axis=0)
    centred = inputs - mean
    prior = centred.T @ centred / len(inputs)
    half, undone = _root(prior)
    kept = undone @ (prior + error) @ undone
    # In the directions that vary W = (I + S^-1/2 R S^-1/2)^-1, whose eigenvalues are reliabilities.
    value, turn = np.linalg.eigh((kept + kept.T) / 2)
    shrink = np.where(value > SMALL, 1.0 / np.sqrt(np.maximum(value, 1.0)), 0.0)
    moved = half @ (turn * shrink) @ turn.T @ undone
    return np.asarray(mean + centred @ moved.T)


def _root(covariance: Array) -> tuple[Array, Array]:
    """(S^1/2, its pseudo-inverse) of a covariance."""
    value, turn = np.linalg.eigh(covariance)
    value = np.maximum(value, 0.0)
    live = value > SMALL * max(float(value.max(initial=0.0)), 1e-300)
    root = np.where(live, np.sqrt(value), 0.0)
    inverse = np.where(live, 1.0 / np.where(live, root, 1.0), 0.0)
    return (turn * root) @ turn.T, (turn * inverse) @ turn.T


def binomial_error(accuracy: Array, questions: ArrayLike) -> Array:
    """(input, input) error covariance of accuracies measured on new questions.

    accuracy (draw, input): prior draws. questions: a number, or one for each input, the fewer being
    among the more. Each errs with variance E[p (1 - p)] / questions; errors go together as the
    prior's do, which come from questions of the same kind. For one input with a Beta(a, b) prior
    the reliability is then questions / (questions + a + b), as it must be.

    Raises ValueError of a measurement without questions.
    """
    count = np.broadcast_to(np.asarray(questions, dtype=np.float64), accuracy.shape[1:])
    if (count <= 0).any():
        raise ValueError(f"a measurement has questions, not {count.min():g}")
    sd = np.sqrt((accuracy * (1.0 - accuracy)).mean(axis=0))
    shared = np.maximum(count[:, None], count)
    return np.asarray(correlation(accuracy) * sd[:, None] * sd / shared)


def correlation(inputs: Array) -> Array:
    """(input, input) correlation of draws; an input that does not vary goes with nothing."""
    centred = inputs - inputs.mean(axis=0)
    covariance = centred.T @ centred / len(inputs)
    sd = np.sqrt(np.diag(covariance))
    safe = np.where(sd > 0, sd, 1.0)
    found = covariance / safe[:, None] / safe
    np.fill_diagonal(found, 1.0)
    return np.asarray(np.clip(found, -1.0, 1.0))


def equivalent_questions(accuracy: Array) -> Array:
    """(input,) right-or-wrong questions that know as much as the prior draws do.

    E[p (1 - p)] / Var[p]: a + b of a Beta(a, b); inf where nothing varies.
    """
    noise = (accuracy * (1.0 - accuracy)).mean(axis=0)
    spread = accuracy.var(axis=0)
    return np.where(spread > 0, noise / np.where(spread > 0, spread, 1.0), np.inf)
