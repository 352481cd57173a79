"""Two versions of a scenario: the keys that differ, and the one with a single key of the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planner.domain.plan import PlanAnswer
from planner.economics.plan_changes import options_of

UNTOLD = ("schema", "title")
"""Keys that no plan depends on."""
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Line:
    """A key that two scenarios have differently."""

    place: Place
    before: Any
    """None where the first scenario does not have it."""
    after: Any

    @property
    def key(self) -> str:
        """As it is written: supply[0].price."""
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place]
        return "".join(parts).removeprefix(".")


def scenario_lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Line, ...]:
    """Every key that differs between the values of two scenarios, in their order.

    Tables are looked into, and lists of as many tables each, one by one. What stands in a key of
    these is one line: a mix whose shares add up to 1 cannot be changed share by share.
    """
    return tuple(line for line in _lines(before, after, ()) if line.place[0] not in UNTOLD)


def _lines(before: Mapping[str, Any], after: Mapping[str, Any], at: Place) -> Iterator[Line]:
    for key in dict.fromkeys([*before, *after]):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        if not at and isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _lines(one, other, (key,))
        elif (pairs := _tables_beside(one, other)) is not None:
            for i, (first, second) in enumerate(pairs):
                yield from _lines(first, second, (*at, key, i))
        else:
            yield Line((*at, key), one, other)


def _tables_beside(one: Any, other: Any) -> list[tuple[dict[str, Any], dict[str, Any]]] | None:
    """Pairs of two lists of as many tables; None where these are not that."""
    if not isinstance(one, list) or not isinstance(other, list) or len(one) != len(other):
        return None
    tables = all(isinstance(table, dict) for table in (*one, *other))
    return list(zip(one, other, strict=True)) if tables else None


def with_line(before: Mapping[str, Any], line: Line) -> dict[str, Any]:
    """The first scenario with this line of the second."""
    changed = copy.deepcopy(dict(before))
    table: Any = changed
    for part in line.place[:-1]:
        table = table[part]
    if line.after is None:
        del table[line.place[-1]]
    else:
        table[line.place[-1]] = line.after
    return changed


def answered_otherwise(before: PlanAnswer, after: PlanAnswer) -> str | None:
    """Who answers instead, where other options do: "A @8 and B @1 for class/bucket; ..."."""
    first, second = options_of(before), options_of(after)
    told = [
        f"{' and '.join(options) or 'nothing'} for {place}"
        for place in dict.fromkeys([*first, *second])
        if set(options := second.get(place, {})) != set(first.get(place, {}))
    ]
    return "; ".join(told) or None
