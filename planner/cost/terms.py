"""The terms on which an answer rests, and the table that names them."""

from __future__ import annotations

from dataclasses import dataclass

from planner.cost import assumptions as cost
from planner.cost.assumption_rows import ASSUMPTIONS
from planner.cost.had import had_of
from planner.cost.money_assumptions import ENERGY
from planner.cost.rows import range_row
from planner.cost.settings import (
    ACCELERATOR,
    MIN_REPLICAS,
    OUTPUT_ROW,
    OUTPUT_TOKENS,
    PEAK_TO_MEAN,
    PROMPT_TOKENS,
    READ_ONCE,
    SHARING_ASSUMED,
    SHARING_FLAG,
    SHARING_ROW,
    Settings,
)
from planner.cost.supply import SupplyTerms
from planner.domain.cardbook import CardBook
from planner.domain.observation import ALL
from planner.domain.plan import Assumption
from planner.domain.ranges import Range
from planner.errors import Note

OUTPUT_KEY = "[workload] output_tokens"


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
    shared = settings.prefix_sharing is not False
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
        prefix_sharing=shared,
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
            _said(settings, "engine_efficiency", engine_source),
            "--engine-efficiency",
            key="[[supply]] engine_efficiency",
        ),
        range_row(
            "utilisation at the peak",
            terms.utilisation,
            "share",
            _said(settings, "utilisation", "assumed: the rest absorbs queues"),
            "--utilisation",
            key="[[supply]] utilisation",
        ),
        _plain_row(
            "peak over mean load",
            peak,
            "ratio",
            _said(settings, "peak_to_mean", "assumed"),
            "[workload] peak_to_mean",
        ),
        _plain_row(
            "least replicas of a fleet",
            least,
            "replicas",
            _said(settings, "min_replicas", "assumed: one may fail while the other serves"),
            "[[supply]] min_replicas",
        ),
        Assumption(
            name=SHARING_ROW,
            value=READ_ONCE[shared],
            unit="reading",
            source=_said(settings, "prefix_sharing", SHARING_ASSUMED),
            flag=SHARING_FLAG,
            key="[[supply]] prefix_sharing",
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
    return (*(row for row in ASSUMPTIONS if row.name not in shown), *ENERGY)


def _said(settings: Settings, name: str, otherwise: str) -> str:
    return otherwise if getattr(settings, name) is None else settings.source(name)


def _source_of(name: str) -> str:
    return next(row.source for row in ASSUMPTIONS if row.name == name)


def _token_rows(terms: SupplyTerms, settings: Settings) -> list[Assumption]:
    rows = []
    for what, setting, by_bucket, default, flag in (
        (
            "prompt tokens of a query",
            "prompt_tokens",
            terms.prompt_tokens,
            "assumed: a MATH problem with its instruction",
            "--prompt-tokens",
        ),
        (
            OUTPUT_ROW,
            "output_tokens",
            terms.output_tokens,
            "assumed: implied by the FLOPs of Wu et al. 2024 (arXiv:2408.00724) on MATH",
            "--output-tokens",
        ),
    ):
        for bucket, quantity in by_bucket.items():
            name = what if bucket == ALL else f"{what}, {bucket}"
            given = bucket in getattr(settings, setting)
            source = settings.source(setting) if given else default
            key = f"[workload] {setting}"
            rows.append(range_row(name, quantity, "tokens", source, flag, key=key))
    return rows


def thinking_row(terms: SupplyTerms) -> Assumption:
    """The assumed length of a sample that thinks, for answers that rest on it."""
    return range_row(
        f"{OUTPUT_ROW} that thinks",
        terms.thinking_output_tokens,
        "tokens",
        "assumed: gpt-oss-120b (Chen et al. 2026, Table 2) and DeepSeek-R1 (model cards) on AIME",
        "--output-tokens",
        key=OUTPUT_KEY,
    )


def measured_row(model: str, tokens: float) -> Assumption:
    """The length of a model's samples as the observations give it."""
    return range_row(
        f"{OUTPUT_ROW} of {model}",
        Range.model_validate(tokens),
        "tokens",
        "the observations",
        "--output-tokens",
        key=OUTPUT_KEY,
    )


def _plain_row(name: str, value: float, unit: str, source: str, key: str) -> Assumption:
    return Assumption(name=name, value=value, unit=unit, source=source, key=key)
