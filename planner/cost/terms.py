"""The terms on which an answer rests: defaults, what the user gave, and their table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from pydantic import ValidationError

from planner.cost import assumptions as cost
from planner.cost.had import had_of
from planner.cost.money_assumptions import ENERGY
from planner.cost.rows import range_row
from planner.cost.supply import SupplyTerms
from planner.domain.cardbook import CardBook
from planner.domain.observation import ALL
from planner.domain.plan import Assumption
from planner.domain.ranges import Range
from planner.domain.supply import SupplyEntry
from planner.domain.weights import WeightFormat, weight_format
from planner.errors import InputError, Note, Problem
from planner.units import parse_fraction, parse_tokens, parse_usd_per_hour

ACCELERATOR = "h100-sxm"
"""Where the question names none: the accelerator with most providers today."""
PROMPT_TOKENS = Range(low=150, value=212, high=300)
"""A MATH problem with its instruction; no source of the default data prints it."""
OUTPUT_TOKENS = Range(low=280, value=305, high=330)
"""Tokens of one sample on MATH implied by the FLOPs of Wu et al. 2024 (arXiv:2408.00724), Table 1:
279 (7B sampling) to 330 (7B tree search); 278 and 325 at 34B."""
OUTPUT_ROW = "generated tokens of a sample"
PEAK_TO_MEAN = 2.0
"""Busiest hour over the mean hour: day and night of one region. No source fits every service."""
MIN_REPLICAS = 2
"""One replica may fail or be upgraded while the other serves."""
LENDER = "h200-sxm"
"""Accelerator whose measured kernel efficiencies serve those that have none."""
HORIZON_DAYS = 365.0
"""Over which training would be paid back."""


@dataclass(frozen=True)
class Settings:
    """What the user said of the terms; None: the default stands."""

    accelerator: str | None = None
    usd_per_gpu_hour: Range | None = None
    engine_efficiency: Range | None = None
    utilisation: Range | None = None
    peak_to_mean: float | None = None
    min_replicas: int | None = None
    entries: tuple[SupplyEntry, ...] = ()
    """Entries of one pool of a scenario's supply; a price given in words goes before theirs."""
    day: dt.date | None = None
    """The day that is planned."""
    fleet_usd_per_day: float | None = None
    queries_per_day: float | None = None
    prompt_tokens: Mapping[str, Range] = field(default_factory=dict)
    output_tokens: Mapping[str, Range] = field(default_factory=dict)
    weights: WeightFormat | None = None
    """Format in which every model is served; None: as its card says."""

    def over(self, other: Settings) -> Settings:
        """These settings, with those of `other` where these say nothing."""
        mine = {name: value for name, value in vars(self).items() if value not in (None, {}, ())}
        return Settings(**{**vars(other), **mine})


def settings_from_text(
    *,
    accelerator: str | None = None,
    price: str | None = None,
    engine_efficiency: str | None = None,
    utilisation: str | None = None,
    prompt_tokens: str | None = None,
    output_tokens: str | None = None,
    weights: str | None = None,
) -> Settings:
    """Settings as they are typed: a quantity, or `low..high`. Raises InputError with them all."""
    problems: list[Problem] = []

    def read(flag: str, text: str | None, parse: Callable[[str], float], most: float) -> Any:
        if text is None:
            return None
        try:
            numbers = [parse(part.strip()) for part in text.split("..")]
            quantity = Range.model_validate(numbers if len(numbers) > 1 else numbers[0])
        except ValueError as error:
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            problems.append(Problem(flag, said.removeprefix("Value error, "), value=text))
            return None
        if quantity.low <= 0 or quantity.high > most or (quantity.high == 1 > quantity.low):
            limit = "above 0" if most == inf else f"above 0 and up to {most:g}"
            remedy = f"write a number {limit}, or a range low..high inside"
            problems.append(Problem(flag, "out of bounds", value=text, remedy=remedy))
        return quantity

    prompt = read("--prompt-tokens", prompt_tokens, parse_tokens, inf)
    output = read("--output-tokens", output_tokens, parse_tokens, inf)
    settings = Settings(
        accelerator=accelerator,
        usd_per_gpu_hour=read("--price", price, parse_usd_per_hour, inf),
        engine_efficiency=read("--engine-efficiency", engine_efficiency, parse_fraction, 1.0),
        utilisation=read("--utilisation", utilisation, parse_fraction, 1.0),
        prompt_tokens={} if prompt is None else {ALL: prompt},
        output_tokens={} if output is None else {ALL: output},
        weights=_asked_format(weights, problems),
    )
    if problems:
        raise InputError(problems)
    return settings


def _asked_format(text: str | None, problems: list[Problem]) -> WeightFormat | None:
    if text is None:
        return None
    try:
        return weight_format(text)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        problems.append(Problem("--weights", what, value=text, remedy=remedy))
        return None


@dataclass(frozen=True)
class Terms:
    """The terms of supply, the table that names them, and what weakens them."""

    supply: SupplyTerms
    assumptions: tuple[Assumption, ...]
    notes: tuple[Note, ...]


def supply_terms(settings: Settings, cards: CardBook) -> Terms:
    """Completes the settings with prices from the cards and with stated defaults.

    Raises InputError where no provider rents the accelerator and no price was given.
    """
    accelerator = cards.accelerator(settings.accelerator or ACCELERATOR)
    had = had_of(settings.usd_per_gpu_hour, settings.entries, settings.day, cards, accelerator)
    prompt = {ALL: PROMPT_TOKENS, **settings.prompt_tokens}
    output = {ALL: OUTPUT_TOKENS, **settings.output_tokens}
    peak = PEAK_TO_MEAN if settings.peak_to_mean is None else settings.peak_to_mean
    least = MIN_REPLICAS if settings.min_replicas is None else settings.min_replicas
    measured = accelerator.engine
    usual = cost.ENGINE_EFFICIENCY if measured is None else measured.efficiency
    engine = settings.engine_efficiency or usual
    engine_source = _source_of("engine efficiency") if measured is None else measured.measured_on
    terms = SupplyTerms(
        accelerator=accelerator,
        blocks=had.blocks,
        engine_efficiency=engine,
        utilisation=settings.utilisation or Range.model_validate(cost.UTILISATION),
        peak_to_mean=peak,
        min_replicas=least,
        prompt_tokens=prompt,
        output_tokens=output,
        thinking_output_tokens=cost.THINKING_OUTPUT_TOKENS,
        output_given=frozenset(settings.output_tokens),
        fleet_usd_per_day=settings.fleet_usd_per_day or 0.0,
        cold_start=had.cold_start,
        queries_per_day=settings.queries_per_day,
    )
    rows = [
        *had.rows,
        *_token_rows(terms, settings),
        range_row(
            "engine efficiency",
            terms.engine_efficiency,
            "kernel time / engine time",
            _said(settings.engine_efficiency, engine_source),
            "--engine-efficiency",
        ),
        range_row(
            "utilisation at the peak",
            terms.utilisation,
            "share",
            _said(settings.utilisation, "assumed: the rest absorbs queues"),
            "--utilisation",
        ),
        _plain_row("peak over mean load", peak, "ratio", _said(settings.peak_to_mean, "assumed")),
        _plain_row(
            "least replicas of a fleet",
            least,
            "replicas",
            _said(settings.min_replicas, "assumed: one may fail while the other serves"),
        ),
    ]
    return Terms(terms, tuple(rows), had.notes)


def cost_assumptions() -> tuple[Assumption, ...]:
    """Assumptions of the cost model that no flag of a question changes.

    Those that a flag changes, or that only some answers rest on, are listed with them.
    """
    shown = {
        "engine efficiency",
        "planned utilisation at the peak",
        "generated tokens of a sample that thinks",
        "error of modelled time, weight format not measured",
    }
    return (*(row for row in cost.ASSUMPTIONS if row.name not in shown), *ENERGY)


def _said(given: object, otherwise: str) -> str:
    return otherwise if given is None else "given with the question"


def _source_of(name: str) -> str:
    return next(row.source for row in cost.ASSUMPTIONS if row.name == name)


def _token_rows(terms: SupplyTerms, settings: Settings) -> list[Assumption]:
    rows = []
    for what, by_bucket, given, default, flag in (
        (
            "prompt tokens of a query",
            terms.prompt_tokens,
            settings.prompt_tokens,
            "assumed: a MATH problem with its instruction",
            "--prompt-tokens",
        ),
        (
            OUTPUT_ROW,
            terms.output_tokens,
            settings.output_tokens,
            "assumed: implied by the FLOPs of Wu et al. 2024 (arXiv:2408.00724) on MATH",
            "--output-tokens",
        ),
    ):
        for bucket, quantity in by_bucket.items():
            name = what if bucket == ALL else f"{what}, {bucket}"
            source = "given with the question" if bucket in given else default
            rows.append(range_row(name, quantity, "tokens", source, flag))
    return rows


def thinking_row(terms: SupplyTerms) -> Assumption:
    """The assumed length of a sample that thinks, for answers that rest on it."""
    return range_row(
        f"{OUTPUT_ROW} that thinks",
        terms.thinking_output_tokens,
        "tokens",
        "assumed: gpt-oss-120b (Chen et al. 2026, Table 2) and DeepSeek-R1 (model cards) on AIME",
        "--output-tokens",
    )


def measured_row(model: str, tokens: float) -> Assumption:
    """The length of a model's samples as the observations give it."""
    return range_row(
        f"{OUTPUT_ROW} of {model}", Range.model_validate(tokens), "tokens", "the observations"
    )


def _plain_row(name: str, value: float, unit: str, source: str) -> Assumption:
    return Assumption(name=name, value=value, unit=unit, source=source)
