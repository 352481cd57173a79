"""Reads what is given to the verbs as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem
from planner.units import parse_params_b, parse_usd, parse_usd_per_day

if TYPE_CHECKING:
    from planner.curves.families import Family


def sample_counts(text: str) -> tuple[int, ...]:
    """Reads "1,8,64" as ascending whole numbers; raises InputError naming what is not one."""
    from planner.domain.observation import MOST_SAMPLES

    found: set[int] = set()
    problems: list[Problem] = []
    for part in text.replace(" ", ",").split(","):
        if not part:
            continue
        if part.isdecimal() and 1 <= int(part) <= MOST_SAMPLES:
            found.add(int(part))
        else:
            too_many = part.isdecimal() and int(part) > 0
            what = f"more than {MOST_SAMPLES:,}" if too_many else "not a whole number of"
            problems.append(Problem("--at", f"{what} samples", value=part, remedy="1,8,64"))
    if problems or not found:
        raise InputError(problems or Problem("--at", "no sample count given", remedy="1,8,64"))
    return tuple(sorted(found))


def model_sizes(asked: Sequence[str | float], extrapolate: bool) -> tuple[float, ...]:
    """Reads "13B" as billions, ascending; raises InputError naming what is no size."""
    found, problems = set(), []
    for text in asked:
        try:
            size = float(text) if isinstance(text, int | float) else parse_params_b(text)
        except ValueError:
            size = 0.0
        if 0.0 < size < math.inf:
            found.add(size)
        else:
            problems.append(
                Problem("--size", "not a model size", value=str(text), remedy="13B, 350M")
            )
    if extrapolate and not asked:
        remedy = "--size 13B --extrapolate"
        problems.append(Problem("--extrapolate", "it goes with a --size", remedy=remedy))
    if problems:
        raise InputError(problems)
    return tuple(sorted(found))


def curve_families(names: Sequence[str]) -> tuple[Family, ...] | None:
    """The curve families of these names; None, which stands for all, where none is named.

    A text may name several, "power_law,hill". Raises InputError naming what is no family.
    """
    from planner.curves import FAMILIES

    asked = dict.fromkeys(part for text in names for part in text.replace(",", " ").split())
    wrong = [name for name in asked if name not in FAMILIES]
    if wrong:
        remedy = ", ".join(FAMILIES)
        raise InputError(
            Problem("--families", "not a curve family", value=name, remedy=remedy) for name in wrong
        )
    return tuple(FAMILIES[name] for name in asked) or None


def dollars(flag: str, text: str | None) -> float | None:
    """Reads "$2,000"; raises InputError for what is no amount. None stays None."""
    return _amount(flag, text, parse_usd)


def usd_per_day(flag: str, text: str | None) -> float | None:
    """Reads "$640/day"; raises InputError for what is no amount of a day. None stays None."""
    return _amount(flag, text, parse_usd_per_day)


def _amount(flag: str, text: str | None, parse: Callable[[str], float]) -> float | None:
    if text is None:
        return None
    try:
        usd = parse(text)
    except ValueError as error:
        raise InputError(Problem(flag, str(error), value=text, remedy="2000, $1.50")) from None
    if not 0.0 <= usd < math.inf:
        remedy = "write 0 or more, such as 2000"
        raise InputError(Problem(flag, "an amount is not negative", value=text, remedy=remedy))
    return usd
