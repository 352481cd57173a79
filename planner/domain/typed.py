"""A quantity as it is typed beside a command: one number, or its range as `low..high`."""

from __future__ import annotations

import math
from collections.abc import Callable

from pydantic import ValidationError

from planner.domain.ranges import Range
from planner.errors import Problem

SPREAD = ".."


class Typed:
    """Reads typed quantities and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def number(
        self,
        flag: str,
        text: str | float | None,
        parse: Callable[[str | float], float],
        *,
        above: float = -math.inf,
        most: float = math.inf,
    ) -> float | None:
        """One number above a bound; None where none was given or it cannot be read."""
        if text is None:
            return None
        try:
            value = parse(text)
        except ValueError as error:
            self.problems.append(Problem(flag, str(error)))
            return None
        if above < value <= most:
            return value
        self._out_of_bounds(flag, text, above, most)
        return None

    def range(
        self,
        flag: str,
        text: str | float | None,
        parse: Callable[[str | float], float],
        *,
        most: float = math.inf,
    ) -> Range | None:
        """A range of positive numbers; None where none was given or it cannot be read."""
        if text is None:
            return None
        parts = text.split(SPREAD) if isinstance(text, str) else [text]
        try:
            numbers = [parse(part.strip() if isinstance(part, str) else part) for part in parts]
            quantity = Range.model_validate(numbers if len(numbers) > 1 else numbers[0])
        except ValidationError as error:
            said = error.errors()[0]["msg"].removeprefix("Value error, ")
            self.problems.append(Problem(flag, said, value=str(text), remedy=_RANGE))
            return None
        except ValueError as error:
            self.problems.append(Problem(flag, str(error)))
            return None
        # Draws of a share move in logits, which are infinite at 1.
        if quantity.low <= 0 or quantity.high > most or (quantity.high == most > quantity.low):
            self._out_of_bounds(flag, text, 0.0, most)
            return None
        return quantity

    def _out_of_bounds(self, flag: str, text: str | float, above: float, most: float) -> None:
        limits = [f"above {above:g}"] if above > -math.inf else []
        limits += [f"up to {most:g}"] if most < math.inf else []
        remedy = f"write a number {' and '.join(limits)}"
        self.problems.append(Problem(flag, "out of bounds", value=str(text), remedy=remedy))


_RANGE = "write one number, or a range as low..high"
