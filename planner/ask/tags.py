"""What options are tagged with: the licences of their weights, and where they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.allocate.scenario import Offer
from planner.domain.cardbook import CardBook
from planner.domain.scenario import Scenario
from planner.errors import InputError
from planner.options import Candidate

NO_TAG: frozenset[str] = frozenset()
"""A person has no licence."""


def licences_of(cards: CardBook, candidate: Candidate) -> frozenset[str] | None:
    """Licences of a candidate's model and verifier; None where a card states none, or is missing.

    What is bought by the token is used under the provider's terms: its model's licence counts too.
    """
    if candidate.method == "human":
        return NO_TAG
    try:
        found = {cards.model(candidate.model).licence}
        if candidate.verifier is not None:
            found.add(cards.verifier(candidate.verifier).licence)
    except InputError:
        return None
    known = frozenset(licence for licence in found if licence is not None)
    return known if len(known) == len(found) else None


def residencies_of(
    scenario: Scenario, cards: CardBook, offers: Sequence[Offer]
) -> Callable[[Candidate], frozenset[str] | None]:
    """Where a candidate answers: its supply entry says it, else the price card of its provider."""
    providers = {card.title: card.residency for card in cards.prices.values()}
    pooled = {e.accelerator: e.residency for e in scenario.supply if e.residency is not None}
    own: dict[int, str | None] = {}
    for offer in offers:
        supply = offer.workshop.supply
        entry = offer.api
        own[id(supply)] = (
            entry.residency if entry is not None else pooled.get(supply.terms.accelerator.name)
        )

    def of(candidate: Candidate) -> frozenset[str] | None:
        if candidate.method == "human":
            return NO_TAG
        found = own.get(id(candidate.supply))
        if found is None and candidate.api is not None:
            found = providers.get(candidate.api.provider)
        return None if found is None else frozenset({found})

    return of
