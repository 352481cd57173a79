"""The one base of every type that crosses a border (CSV, TOML, JSON)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, and refuses unknown keys. The string beneath a field documents it.

    pydantic could read those strings too; parsing the sources takes a tenth of a second a start.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, protected_namespaces=(), defer_build=True
    )
