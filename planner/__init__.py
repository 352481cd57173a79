"""Measured accuracy in, a defensible spending decision out.

    import planner as pl

    answer = pl.ask("7B+PRM or 34B greedy at 1M queries/day")

The verbs are `measure`, `fit`, `ask`, `solve`, `frontier`, `price`, `train` and `calibrate`; they
are defined in `planner.notebook` and `planner.pipeline`. They are handed on lazily: this module
runs before the command line does, and `planner --help` must not wait for numpy.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.notebook import ask, fit, frontier, price, solve
    from planner.pipeline import calibrate, measure, train

    __version__: str

_SHOWN = frozenset({"ask", "fit", "frontier", "price", "solve"})
"""Verbs that take data frames, and whose results show themselves."""
_PLAIN = frozenset({"calibrate", "measure", "train"})
_VERBS = _SHOWN | _PLAIN

__all__ = [
    "__version__",
    "ask",
    "calibrate",
    "fit",
    "frontier",
    "measure",
    "price",
    "solve",
    "train",
]


class _Package(ModuleType):
    """This package, in which a verb wins over the floor of the same name.

    Importing `planner.ask.grammar` makes the import system bind the floor `planner.ask` here,
    and the verb `planner.ask` would be gone. Floors stay reachable by `from planner.ask import`.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _VERBS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _SHOWN:
        from planner import notebook

        return getattr(notebook, name)
    if name in _PLAIN:
        from planner import pipeline

        return getattr(pipeline, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("inference-planner")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
