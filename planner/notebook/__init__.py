"""The verbs as `import planner as pl` gives them: data frames in, and results that show themselves.

A result is the type that the verb of `planner.pipeline` gives back, and besides prints what it
knows, draws its chart in a notebook, and becomes a data frame.
"""

from __future__ import annotations

from planner.notebook.verbs import ask, fit, frontier, price, solve

__all__ = ["ask", "fit", "frontier", "price", "solve"]
