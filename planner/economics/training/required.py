"""The loss that a model must reach: named by a size, as a number, or by an accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.curves.loss_accuracy import LinkError, LossLink, Scored, fit_link
from planner.domain.draws import Draws
from planner.domain.observation import ALL
from planner.economics.training.laws import DrawnLaw
from planner.economics.training.optimum import chinchilla_of
from planner.economics.training.rising import rising_root
from planner.units import format_count, format_percent

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Required:
    """A quality, in words and as a loss."""

    words: str
    loss: Array
    """(draw,), or a number where it is the same in every draw; NaN where it cannot be had."""
    links: tuple[LossLink, ...] = ()
    shares: tuple[float, ...] = ()
    """Of the questions, by link."""


def quality_of(law: DrawnLaw, params: float) -> Required:
    """The loss of the Chinchilla-optimal model of that size, at one sample a query."""
    model = chinchilla_of(law.law, params)
    words = f"the quality of a Chinchilla-optimal {format_count(params)}"
    return Required(words, law.law.loss(model.params, model.tokens))


def given_loss(loss: float) -> Required:
    """A loss as a number."""
    return Required(f"a loss of {loss:g}", np.asarray(loss))


def needed_accuracy(
    accuracy: float, links: Sequence[LossLink], shares: Sequence[float]
) -> Required:
    """The loss at which the accuracy over the buckets' mix is reached, in each draw."""
    of = links[0].bucket if len(links) == 1 else f"{len(links)} buckets by their questions"
    on = "" if of == ALL else f" on {of}"
    words = f"an accuracy of {format_percent(accuracy)}{on}"
    alone = np.stack([link.loss_at(accuracy) for link in links])
    # The mix falls with the loss, and lies between the buckets' own losses.
    part = np.asarray(shares)[:, None]
    intercept = np.stack([link.intercept for link in links])
    slope = np.stack([link.slope for link in links])

    def missing(loss: Array) -> tuple[Array, Array]:
        chance = 1 / (1 + np.exp(-(intercept + slope * loss)))
        fall = -(part * slope * chance * (1 - chance)).sum(axis=0)
        return accuracy - (part * chance).sum(axis=0), fall

    with np.errstate(over="ignore", invalid="ignore"):
        loss = rising_root(missing, alone.min(axis=0), alone.max(axis=0))
    return Required(words, loss, tuple(links), tuple(shares))


def fitted_links(
    scored: Sequence[Scored], draws: Draws, bucket: str | None = None
) -> tuple[tuple[LossLink, ...], tuple[float, ...]]:
    """Links and shares of the buckets that count: the one named, else `all`, else every one.

    Every bucket counts by its questions, the mean over models. Raises LinkError with every bucket
    that gives no link, and where the named bucket is not there.
    """
    names = [s.bucket for s in scored]
    if bucket is not None and bucket not in names:
        raise LinkError(f"there is no bucket {bucket}; the table has {', '.join(names)}")
    whole = bucket or (ALL if ALL in names else None)
    counted = [s for s in scored if whole is None or s.bucket == whole]
    links, reasons = [], []
    for each in counted:
        try:
            links.append(fit_link(each, draws))
        except LinkError as error:
            reasons.append(str(error))
    if reasons:
        raise LinkError("\n".join(reasons))
    questions = np.array([link.questions for link in links])
    return tuple(links), tuple(float(q) for q in questions / questions.sum())
