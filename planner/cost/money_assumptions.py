"""Numbers that dollars and energy rest on and no card holds, each with its reason and source.

The constants of the time model stand in `planner.cost.assumptions`. A row is on the page only
where something rests on it.
"""

from __future__ import annotations

from planner.domain.plan import Assumption
from planner.domain.ranges import Range

PUE = Range(value=1.3, low=1.1, high=1.58)
"""Power of a site over that of its servers: 1.58 was the mean of Uptime Institute's 2023 survey,
new large sites reach 1.3, the largest operators 1.1."""

POWER_FACTOR = Range(value=1.3, low=0.8, high=1.8)
"""Mean draw of a GPU with its part of the server, over the GPU's rated watts. Decoding leaves a GPU
under its rating, and a full server is rated at 1.8 times its GPUs (10.2 kW for 8 of 700 W)."""

LIFE_DAYS = 4 * 365.0
"""Over which a bought GPU is written off."""

RESALE = Range(value=0.1, low=0.03, high=0.3)
"""Part of a purchase that is got back at the end."""

INTERRUPTION = Range(value=0.05, low=0.02, high=0.15)
"""Part of the paid hours of a spot GPU lost to interruptions, restarts and loading weights: no
source fits every provider and week."""

COLD_START = Range(value=0.1, low=0.02, high=0.4)
"""Part of the billed seconds of a serverless GPU in which it loads a model: minutes a start, and
how many starts there are hangs on the traffic."""

CACHED_SHARE = Range(value=0.8, low=0.4, high=0.98)
"""Part of input sent again that a provider finds in its cache and bills as cached: prompts under
about a thousand tokens, and those that come back late, are billed in full."""

PROMPT_CV = 0.5
"""Coefficient of variation of prompt lengths across queries (log-normal). It tells how many
requests pass the threshold of a long-context price."""

COMPLETIONS_PER_STEP = 8
"""Continuations that label one step automatically (Math-Shepherd, arXiv:2312.08935)."""

USD_PER_STEP_LABEL = Range(value=0.7, low=0.2, high=2.0)
"""Pay for one step judged by a person: half a minute to two of a skilled hour at $25 to $60."""

_ASSUMED = "assumed"
_SURVEY = (
    "Uptime Institute, Global Data Center Survey 2023 (journal.uptimeinstitute.com, 2024-02-07)"
)
_READ = "2026-11-28"


def _row(
    name: str,
    value: Range | float,
    unit: str,
    source: str,
    date: str | None = None,
    key: str | None = None,
) -> Assumption:
    if isinstance(value, Range):
        return Assumption(
            name=name, value=value.value, low=value.low, high=value.high, unit=unit, source=source,
            date=date, key=key,
        )  # fmt: skip
    return Assumption(name=name, value=value, unit=unit, source=source, date=date, key=key)


def _supply_row(name: str, value: Range | float, unit: str, key: str) -> Assumption:
    """A default in place of a key of [[supply]]."""
    return _row(name, value, unit, _ASSUMED, key=f"[[supply]] {key}")


ENERGY: tuple[Assumption, ...] = (
    _row("power of the site over its servers (PUE)", PUE, "ratio", _SURVEY, _READ),
    _row("draw of a GPU with its server over its rated watts", POWER_FACTOR, "ratio", _ASSUMED),
)
"""Behind every figure in kWh."""

ON_USE: dict[str, Assumption] = {
    "life": _supply_row("life of a bought GPU", LIFE_DAYS, "days", "life"),
    "resale": _supply_row("resale of a bought GPU", RESALE, "share", "resale"),
    "interruption": _supply_row("paid spot hours lost", INTERRUPTION, "share", "interruption"),
    "cold_start": _supply_row(
        "billed serverless seconds spent starting", COLD_START, "share", "cold_start"
    ),
    "cached_share": _supply_row(
        "input sent again and found cached", CACHED_SHARE, "share", "cached_share"
    ),
    "prompt_cv": _row("prompt length, variation across queries", PROMPT_CV, "cv", _ASSUMED),
    "completions": _row(
        "continuations that label a step",
        COMPLETIONS_PER_STEP,
        "continuations",
        "Wang et al. 2023, Math-Shepherd, arXiv:2312.08935",
        "2026-11-22",
        "[candidates.verifier_capex] completions",
    ),
    "step_label": _row(
        "pay for a step labelled by hand",
        USD_PER_STEP_LABEL,
        "$",
        _ASSUMED,
        key="[candidates.verifier_capex] usd_per_label",
    ),
}
"""By the key that an input has; listed with what rests on them."""
