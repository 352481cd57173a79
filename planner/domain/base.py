"""The one base of every type that crosses a border (CSV, TOML, JSON)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, refuses unknown keys, and documents each field by the string beneath it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, protected_namespaces=()
    )
