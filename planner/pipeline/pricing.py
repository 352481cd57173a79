"""The verb `price`: one configuration alone, without data, curves or draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.cost.price_range import Open
    from planner.cost.settings import Settings
    from planner.cost.shape import Shape
    from planner.domain.card import AcceleratorCard
    from planner.domain.cardbook import CardBook
    from planner.errors import Note

SCHEMA = "planner.price/1"
WIDE = ("beam_search", "dvts", "lookahead")
"""Methods with branches per beam."""


def price(
    model: str,
    method: str = "greedy",
    *,
    n: float = 1.0,
    depth: float = 1.0,
    width: float = 1.0,
    lookahead_steps: float | None = None,
    verifier: str | None = None,
    gpus: int | None = None,
    settings: Settings | None = None,
    profile: str | None = None,
    models: Path | None = None,
) -> dict[str, Any]:
    """What one query of a configuration takes, in the central case; as planner.price/1.

    GPU-seconds and dollars have a 90% range, and `assumptions` lists what they rest on.

    n, depth, width: axes of the method. lookahead_steps: that lookahead rolls ahead. verifier: name
    of its card, for methods that need one. gpus: of a replica; without it those that make a sample
    cheapest. settings, profile and models as in `ask`. The rent is a figure of `settings`: without
    one there are no dollars.

    Raises InputError for names and numbers that cannot be used, InfeasibleError where the model
    does not fit.
    """
    from planner.cost.assumptions import LOOKAHEAD_STEPS
    from planner.cost.hardware import hardware_of
    from planner.cost.price import Configuration, priced
    from planner.cost.settings import ACCELERATOR, LENDER, Settings
    from planner.cost.shape import Shape
    from planner.cost.storage import format_notes
    from planner.cost.work import Spending
    from planner.ingest.few_cards import few_cards
    from planner.ingest.profile import with_profile

    _check(method, n, depth, width, verifier)
    if lookahead_steps is not None and method != "lookahead":
        what = f"{method} rolls nothing ahead"
        raise InputError(
            Problem("--lookahead-steps", what, None, f"{lookahead_steps:g}", "write lookahead")
        )
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
    shape, shape_notes = _shape(book, model, models)
    shapes = [shape]
    if verifier is not None:
        shapes.append(Shape.from_card(book.shape_of(book.verifier(verifier))).as_verifier())
    stored = [s if given.weights is None else s.stored_as(given.weights) for s in shapes]
    prompt, output, engine = _open(given, card)
    found = priced(
        Configuration(
            generator=stored[0],
            verifier=stored[1] if verifier is not None else None,
            method=method,
            spending=Spending(
                n=n,
                prompt_tokens=prompt.value.value,
                output_tokens=output.value.value,
                depth=depth,
                width=width,
                lookahead_steps=LOOKAHEAD_STEPS if lookahead_steps is None else lookahead_steps,
                reads="none" if verifier is None else _reads(book, verifier),
            ),
            hardware=hardware,
            gpus=gpus,
            engine_efficiency=engine,
            prompt_tokens=prompt,
            output_tokens=output,
            usd_per_gpu_hour=given.usd_per_gpu_hour,
            prefix_sharing=given.prefix_sharing,
        )
    )
    said = [*notes, *shape_notes]
    for before, after in zip(shapes, stored, strict=True):
        said += format_notes(after, before.weights, hardware)
    return {
        "schema": SCHEMA,
        "model": stored[0].name,
        "verifier": verifier,
        **found,
        "warnings": [{"code": c, "message": m} for c, m in {(s.code, s.message): 0 for s in said}],
    }


def _shape(book: CardBook, model: str, models: Path | None) -> tuple[Shape, tuple[Note, ...]]:
    """The shape of a model, or a generic one of its size; InputError where no size is known."""
    from planner.cost.generic import shape_for
    from planner.cost.shape import missing_fields
    from planner.ingest.cards import load_cards

    card = book.shape_of(book.model(model))
    if not missing_fields(card):
        return shape_for(card, ())
    if card.params_b is None and card.nominal_params_b is None:
        what = "its size and shape are not published, so that it is bought by the token"
        remedy = (
            'price it with planner ask, or in a scenario with kind = "api"; or add params_b, layers'
            " and the rest to a card of your own"
        )
        raise InputError(Problem("MODEL", what, value=model, remedy=remedy))
    whole = load_cards(models)
    return shape_for(card, [whole.shape_of(other) for other in whole.llms.values()])


def _open(given: Settings, card: AcceleratorCard) -> tuple[Open, Open, Open]:
    """Prompt tokens, generated tokens and engine efficiency: given, measured, or assumed."""
    from planner.cost.assumptions import ENGINE_EFFICIENCY
    from planner.cost.price_range import Open
    from planner.cost.settings import OUTPUT_ROW, OUTPUT_TOKENS, PROMPT_TOKENS
    from planner.domain.observation import ALL

    prompt, output = given.prompt_tokens.get(ALL), given.output_tokens.get(ALL)
    told, engine = "given", given.engine_efficiency
    usual, source = ENGINE_EFFICIENCY, "assumed: an engine was seen 2 to 3 times slower"
    if card.engine is not None:
        usual, source = card.engine.efficiency, card.engine.measured_on
    return (
        Open(
            "prompt tokens of a query",
            prompt or PROMPT_TOKENS,
            "tokens",
            "assumed: a MATH problem with its instruction" if prompt is None else told,
            "--prompt-tokens",
        ),
        Open(
            OUTPUT_ROW,
            output or OUTPUT_TOKENS,
            "tokens",
            "assumed: MATH, implied by Wu et al. 2024 (arXiv:2408.00724)"
            if output is None
            else told,
            "--output-tokens",
        ),
        Open(
            "engine efficiency",
            engine or usual,
            "kernel time / engine time",
            source if engine is None else told,
            "--engine-efficiency",
        ),
    )


def _reads(book: CardBook, verifier: str) -> Any:
    return book.verifier(verifier).reads


def _check(method: str, n: float, depth: float, width: float, verifier: str | None) -> None:
    """Refuses a method that cannot be bought, lacks its verifier, or has no such axis."""
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
    for flag, value, has in (
        ("--depth", depth, known.deep or known.verifier),
        ("--width", width, method in WIDE),
    ):
        if value > 1 and not has:
            what = f"{method} has no such axis, so that it would change nothing"
            raise InputError(Problem(flag, what, None, f"{value:g}", f"leave {flag} out"))
    if verifier is not None and not (known.verifier or known.deep):
        what = f"no verifier reads anything of {method}"
        raise InputError(
            Problem("--verifier", what, None, verifier, "leave it out, or write best_of_n")
        )
