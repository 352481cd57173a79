"""What scipy.optimize names and is not used here is read when it is used."""

from __future__ import annotations

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec

UNUSED = "spatial"
"""Geometry, and with it all constants of physics: a fifth of the time of reading scipy.optimize,
one of whose global searches names it."""


def postpone_unused() -> None:
    """Call before scipy.optimize is imported. Whoever uses what is postponed gets it as ever."""
    import scipy

    name = f"scipy.{UNUSED}"
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    setattr(scipy, UNUSED, module)
