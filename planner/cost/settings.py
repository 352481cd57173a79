"""What the user said of the terms, as it is typed, and what stands where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from planner.domain.observation import ALL
from planner.domain.ranges import Range
from planner.domain.weights import WeightFormat, weight_format
from planner.errors import InputError, Problem
from planner.units import parse_fraction, parse_tokens, parse_usd_per_hour

if TYPE_CHECKING:
    import datetime as dt

    from planner.domain.supply import SupplyEntry

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

SHARING_ROW = "prompt of a query's samples on GPUs"
SHARING_ASSUMED = "assumed: the engine caches prefixes, as vLLM V1 and SGLang do unless told not to"
READ_ONCE = {True: "once a query", False: "once a sample"}
"""How often the prompt is read where samples share it, and where they do not."""
SHARING_FLAG = "--prefix-sharing"

ASKED, IN_SCENARIO = "given with the question", "given with the scenario"
IN_COMMAND = "given with the command"
"""Sources of what the user said."""


@dataclass(frozen=True)
class Settings:
    """What the user said of the terms; None: the default stands."""

    accelerator: str | None = None
    usd_per_gpu_hour: Range | None = None
    engine_efficiency: Range | None = None
    utilisation: Range | None = None
    peak_to_mean: float | None = None
    min_replicas: int | None = None
    prefix_sharing: bool | None = None
    """Whether the samples of a query share the cache of their prompt."""
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
    from_scenario: frozenset[str] = frozenset()
    """Names of those that a scenario gave."""

    def over(self, other: Settings) -> Settings:
        """These settings, with those of `other` where these say nothing."""
        mine = self._given()
        theirs = self.from_scenario | (other.from_scenario - mine.keys())
        return Settings(**{**vars(other), **mine, "from_scenario": theirs})

    def of_scenario(self) -> Settings:
        """The same, known to come from a scenario."""
        return replace(self, from_scenario=frozenset(self._given()))

    def source(self, name: str) -> str:
        """Where the setting of this name was given."""
        return IN_SCENARIO if name in self.from_scenario else ASKED

    def _given(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in vars(self).items()
            if value not in (None, {}, ()) and name != "from_scenario"
        }


def settings_from_text(
    *,
    accelerator: str | None = None,
    price: str | None = None,
    engine_efficiency: str | None = None,
    utilisation: str | None = None,
    prompt_tokens: str | None = None,
    output_tokens: str | None = None,
    weights: str | None = None,
    prefix_sharing: str | None = None,
) -> Settings:
    """Settings as they are typed: a quantity, or `low..high`; prefix_sharing is true or false.

    Raises InputError with all that cannot be read.
    """
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
        prefix_sharing=_asked_sharing(prefix_sharing, problems),
    )
    if problems:
        raise InputError(problems)
    return settings


def _asked_sharing(text: str | None, problems: list[Problem]) -> bool | None:
    known = {"true": True, "false": False}
    if text is None or text.strip().lower() in known:
        return None if text is None else known[text.strip().lower()]
    remedy = "write true, or false where the engine reads the prompt with every sample"
    problems.append(Problem(SHARING_FLAG, "neither true nor false", None, text, remedy))
    return None


def _asked_format(text: str | None, problems: list[Problem]) -> WeightFormat | None:
    if text is None:
        return None
    try:
        return weight_format(text)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        problems.append(Problem("--weights", what, value=text, remedy=remedy))
        return None
