"""Measured accuracy in, a defensible spending decision out.

    import planner

    answer = planner.ask("7B+PRM or 34B greedy at 1M queries/day")

The verbs are `measure`, `fit`, `ask`, `solve`, `frontier`, `train` and `calibrate`; they are
defined in `planner.pipeline`. They are handed on lazily: this module runs before the command line
does, and `planner --help` must not wait for numpy.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.pipeline import ask, calibrate, fit, frontier, measure, solve, train

    __version__: str

__all__ = ["__version__", "ask", "calibrate", "fit", "frontier", "measure", "solve", "train"]

_VERBS = frozenset({"ask", "calibrate", "fit", "frontier", "measure", "solve", "train"})


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
    if name in _VERBS:
        from planner import pipeline

        return getattr(pipeline, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("inference-planner")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
