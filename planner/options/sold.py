"""Models that are bought by the token, and the names under which they are sold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.cost.api import ApiBilling
from planner.cost.billing import billing_of
from planner.domain.card import ModelCard
from planner.domain.cardbook import CardBook
from planner.domain.draws import CENTRAL
from planner.domain.plan import Assumption
from planner.domain.prices import api_price, prices_as_of
from planner.errors import InputError, Note, Problem


def known_card(model: str, cards: CardBook) -> ModelCard | None:
    """The card of a model, None where it has none."""
    try:
        return cards.model(model)
    except InputError:
        return None


def sold_as(model: str, cards: CardBook) -> tuple[str, ...]:
    """The names under which price cards may list a model: its own, its card's, its aliases."""
    card = known_card(model, cards)
    return (model,) if card is None else (model, card.name, *card.aliases)


def has_size(model: str, params_b: float | None, cards: CardBook) -> bool:
    """Whether it is known how large a model is, so that it can be put on GPUs.

    params_b: of its observations. A model of unknown size that nobody sells counts as having one:
    what is missing is then told where its shape is looked for.
    """
    card = known_card(model, cards)
    if params_b is not None:
        return True
    if card is not None:
        shape = cards.shape_of(card)
        return any(s is not None for s in (shape.layers, shape.params_b, shape.nominal_params_b))
    prices = cards.prices.values()
    return api_price(prices, sold_as(model, cards), on=prices_as_of(prices)) is None


def thinking_apart(
    billing: ApiBilling | None, cap: int | None, output_tokens: NDArray[np.float64]
) -> ApiBilling | None:
    """The terms with the part of the generated tokens that is thinking, where a cap tells it.

    cap: thinking tokens of a sample, taken as used up; output_tokens: (draw,) of a sample, thinking
    included. Providers that bill thinking as output are not touched by it.
    """
    if billing is None or cap is None:
        return billing
    return replace(billing, reasoning_share=min(1.0, cap / float(output_tokens[CENTRAL])))


def only_by_the_token(
    model: str, title: str, verifier: str | None, cards: CardBook
) -> tuple[ApiBilling, tuple[Assumption, ...], tuple[Note, ...]]:
    """(terms, rows, notes) of a model that cannot be put on GPUs, at its cheapest provider.

    Raises InputError where no provider of it can be asked.
    """
    if verifier is not None:
        raise InputError(
            Problem(
                "question",
                f"{title} is bought by the token, and no provider runs a verifier beside it",
                value=verifier,
                remedy="ask for greedy or a majority vote of it",
            )
        )
    return billing_of(sold_as(model, cards), title, cards)
