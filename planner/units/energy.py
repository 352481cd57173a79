"""Energy and its price."""

from __future__ import annotations

import re

from planner.units.factors import KILO


def parse_usd_per_kwh(text: str | float) -> float:
    """Dollars a kilowatt-hour: "$0.12/kWh", "$80/MWh", 0.12. Raises ValueError otherwise."""
    if not isinstance(text, str):
        return float(text)
    found = re.fullmatch(
        r"\s*\$?\s*(\d+(?:\.\d*)?|\.\d+)\s*(?:\$|usd)?\s*(?:(?:/|per)\s*([km])wh)?\s*",
        text,
        re.IGNORECASE,
    )
    if found is None:
        raise ValueError(
            f"{text!r} is not a price of energy that is understood; write it like '$0.12/kWh'"
        )
    usd = float(found.group(1))
    return usd / KILO if (found.group(2) or "k").lower() == "m" else usd


def parse_kwh_per_day(text: str | float) -> float:
    """Kilowatt-hours a day: "500 kWh", "0.5 MWh/day", 500. Raises ValueError otherwise."""
    found = re.fullmatch(
        r"\s*(\d+(?:\.\d*)?|\.\d+)(?:e(\d+))?\s*(?:([km])wh)?\s*(?:(?:/|per|a)\s*d(?:ay)?)?\s*",
        str(text),
        re.IGNORECASE,
    )
    if found is None:
        raise ValueError(
            f"{text!r} is not an energy of a day that is understood; write it like '500 kWh/day'"
        )
    kwh = float(found.group(1)) * 10.0 ** int(found.group(2) or 0)
    return kwh * KILO if (found.group(3) or "k").lower() == "m" else kwh
