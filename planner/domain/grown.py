"""What is read back from a file of curves: frozen types that pass over what they do not know."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from planner.domain.observation import MOST_SAMPLES


def _visible(text: str) -> str:
    # Escape sequences, half characters and text direction marks would reach pages and terminals.
    if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text):
        raise ValueError("it holds characters that cannot be seen")
    return text


Text = Annotated[str, AfterValidator(_visible)]
Share = Annotated[float, Field(ge=0, le=1)]
N = Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
"""A number of samples."""
RealN = Annotated[float, Field(ge=1, le=MOST_SAMPLES)]
"""A number of samples read off a curve."""


class Grown(BaseModel):
    """Frozen, and passes over unknown keys."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        protected_namespaces=(),
        allow_inf_nan=False,
        defer_build=True,
    )
