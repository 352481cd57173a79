"""The verb `price`: one configuration alone, without data, curves or draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.cost.settings import Settings
    from planner.domain.cardbook import CardBook

SCHEMA = "planner.price/1"


def price(
    model: str,
    method: str = "greedy",
    *,
    n: float = 1.0,
    depth: float = 1.0,
    width: float = 1.0,
    verifier: str | None = None,
    gpus: int | None = None,
    settings: Settings | None = None,
    profile: str | None = None,
    models: Path | None = None,
) -> dict[str, Any]:
    """What one query of a configuration takes, in the central case; as planner.price/1.

    n, depth, width: axes of the method. verifier: name of its card, for methods that need one.
    gpus: of a replica; without it those that make a sample cheapest. settings, profile and models
    as in `ask`. The rent is a figure of `settings`: without one there are no dollars.

    Raises InputError for names and numbers that cannot be used, InfeasibleError where the model
    does not fit.
    """
    from planner.cost.assumptions import ENGINE_EFFICIENCY
    from planner.cost.hardware import hardware_of
    from planner.cost.price import Configuration, priced
    from planner.cost.settings import ACCELERATOR, LENDER, OUTPUT_TOKENS, PROMPT_TOKENS, Settings
    from planner.cost.shape import Shape
    from planner.cost.storage import format_notes
    from planner.cost.work import Spending
    from planner.domain.observation import ALL
    from planner.ingest.few_cards import few_cards
    from planner.ingest.profile import with_profile

    _check(method, n, verifier)
    given = settings or Settings()
    on = given.accelerator or ACCELERATOR
    wanted = {"llms": [model], "verifiers": [verifier] if verifier else []}
    book = few_cards({**wanted, "accelerators": [on, LENDER]}, models)
    lender = book.accelerator(LENDER)
    if profile is not None:
        book, lender = with_profile(book, profile)
        on = given.accelerator or lender.name
    card = book.accelerator(on)
    hardware, notes = hardware_of(card, lender)
    shapes = [Shape.from_card(book.shape_of(book.model(model)))]
    if verifier is not None:
        shapes.append(Shape.from_card(book.shape_of(book.verifier(verifier))).as_verifier())
    stored = [s if given.weights is None else s.stored_as(given.weights) for s in shapes]
    engine = given.engine_efficiency or (card.engine.efficiency if card.engine else None)
    rent = given.usd_per_gpu_hour
    found = priced(
        Configuration(
            generator=stored[0],
            verifier=stored[1] if verifier is not None else None,
            method=method,
            spending=Spending(
                n=n,
                prompt_tokens=given.prompt_tokens.get(ALL, PROMPT_TOKENS).value,
                output_tokens=given.output_tokens.get(ALL, OUTPUT_TOKENS).value,
                depth=depth,
                width=width,
                reads="none" if verifier is None else _reads(book, verifier),
            ),
            hardware=hardware,
            gpus=gpus,
            engine_efficiency=(engine or ENGINE_EFFICIENCY).value,
            usd_per_gpu_hour=None if rent is None else rent.value,
        )
    )
    said = [*notes]
    for before, after in zip(shapes, stored, strict=True):
        said += format_notes(after, before.weights, hardware)
    return {
        "schema": SCHEMA,
        "model": stored[0].name,
        "verifier": verifier,
        **found,
        "warnings": [{"code": c, "message": m} for c, m in {(s.code, s.message): 0 for s in said}],
    }


def _reads(book: CardBook, verifier: str) -> Any:
    return book.verifier(verifier).reads


def _check(method: str, n: float, verifier: str | None) -> None:
    """Refuses a method that cannot be bought, lacks its verifier, or takes no samples."""
    from planner.domain.method import METHODS
    from planner.domain.nearest import did_you_mean

    known = METHODS.get(method)
    if known is None or not known.buyable or method == "human":
        names = [name for name, m in METHODS.items() if m.buyable and name != "human"]
        remedy = did_you_mean(method, names) or f"write one of {', '.join(names)}"
        raise InputError(
            Problem("METHOD", "no method of this name is bought", None, method, remedy)
        )
    if known.verifier and verifier is None:
        remedy = "--verifier NAME; planner cards verifiers lists them"
        raise InputError(Problem("METHOD", "it needs a verifier", None, method, remedy))
    if n > 1 and not known.samples:
        remedy = "leave -n out, or write majority_vote"
        raise InputError(Problem("-n", f"{method} takes one sample", None, f"{n:g}", remedy))
