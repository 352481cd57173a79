"""The verb `calibrate`: measured times in, a profile of an accelerator out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.calibration import Calibration, Measurements
    from planner.domain.card import AcceleratorCard
    from planner.domain.cardbook import CardBook
    from planner.ingest.throughputs import Given


def calibrate(
    files: Sequence[Path],
    output: Path | None = None,
    *,
    check: bool = False,
    profile: str | None = None,
    shapes: Sequence[Path] = (),
    given: Given | None = None,
    models: Path | None = None,
) -> Calibration:
    """Fits an accelerator's efficiencies to measurements, or with `check` fits nothing.

    files: CSV of step times, CSV of tokens a second, or JSON of vLLM's benchmark_serving. output:
    the profile, an accelerator card in TOML. profile: where the fit starts, and what is checked;
    the card of the measured device without it. shapes: CSVs of shapes of models without a card.
    given: what results of an engine do not say. models: folder of the user's cards.

    Raises InputError for measurements that cannot be used; nothing is written then.
    """
    from planner._files import write_atomic
    from planner.ask.answer import cautions
    from planner.cost.calibration import checked, engine_fit, fit_profile, fitted_card
    from planner.cost.hardware import hardware_of
    from planner.cost.settings import LENDER
    from planner.ingest.card_toml import card_toml
    from planner.ingest.cards import load_cards
    from planner.ingest.profile import with_profile
    from planner.ingest.timings import read_measurements

    if check and output is not None:
        remedy = "leave out --check to fit, or -o to check"
        raise InputError(Problem("--check", "a check writes no profile", remedy=remedy))
    book = load_cards(models)
    starting = None
    if profile is not None:
        book, starting = with_profile(book, profile)
    measured = read_measurements(files, book, shapes, given)
    card = _measured_card(measured, book, starting, wanted=output is not None)
    lender = starting or book.accelerator(LENDER)
    named = ", ".join(f"{Path(f).name} ({d[:12]})" for f, d in measured.digests.items())
    fit = None if check or not measured.steps else fit_profile(measured, card, lender)
    if fit is not None:
        card = fitted_card(card, fit.efficiencies, None, named, measured.date)
    hardware, notes = hardware_of(card, lender)
    found = checked(measured, hardware, card.name)
    on = {name: hardware_of(book.accelerator(name), lender)[0] for name in _gpus(measured)}
    on[card.name] = hardware
    engine, engine_notes = engine_fit(measured.throughputs, measured.shapes, on)
    if output is not None:
        made = fitted_card(card, {}, engine, named, measured.date, lender)
        what = f"Use it with --profile {output}, or put it into models/accelerators/."
        write_atomic(output, card_toml(made, what))
    formats = dict.fromkeys(row.weights for row in measured.steps)
    format_notes = [note for w in formats if (note := hardware.kernels(w).note) is not None]
    all_notes = [*measured.notes, *notes, *format_notes, *(fit.notes if fit else ()), *engine_notes]
    return found.model_copy(
        update={
            "fitted": not check,
            "engine": engine,
            "constants": () if fit is None else fit.constants,
            "condition": {} if fit is None else fit.condition,
            "warnings": cautions(all_notes),
        }
    )


def _gpus(measured: Measurements) -> list[str]:
    return list(dict.fromkeys(row.accelerator for row in measured.throughputs))


def _measured_card(
    measured: Measurements, book: CardBook, starting: AcceleratorCard | None, *, wanted: bool
) -> AcceleratorCard:
    """The card of the accelerator that the measurements are of; `wanted`: a profile is written."""
    from planner.cost.settings import LENDER

    if measured.accelerator is not None:
        return book.accelerator(measured.accelerator)
    gpus = _gpus(measured)
    if wanted and len(gpus) > 1:
        raise InputError(
            Problem(
                "-o",
                "the measurements are of several accelerators, and a profile is of one",
                value=", ".join(gpus),
                remedy=f"say which: --accelerator {gpus[0]}",
            )
        )
    if gpus:
        return book.accelerator(gpus[0])
    return starting or book.accelerator(LENDER)
