"""Writes a list of token prices as a price card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from planner._files import write_atomic
from planner.domain.price import ApiPrice
from planner.errors import InputError, Problem
from planner.ingest.price_lists.read import PriceList


def write_price_card(listed: PriceList, models: Path) -> Path:
    """Writes the list into `models`/prices and returns the file; raises InputError otherwise."""
    folder = models / "prices"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            Problem(
                str(folder),
                f"the folder cannot be made: {error.strerror or error}",
                remedy="name another with --models DIR",
            )
        ) from None
    path = folder / f"{listed.name}.toml"
    lines = [
        'schema = "planner.price/1"',
        f"name = {json.dumps(listed.name)}",
        f"title = {json.dumps(listed.title)}",
        "",
        "apis = [",
        *(f"    {_inline(_fields(row))}," for row in listed.rows),
        "]",
        "",
        "[[sources]]",
        'covers = ["apis"]',
        f"title = {json.dumps(listed.title)}",
        f"url = {json.dumps(listed.url)}",
        f"read = {listed.on}",
        "",
    ]
    write_atomic(path, "\n".join(lines))
    return path


def _fields(row: ApiPrice) -> dict[str, Any]:
    fields: dict[str, Any] = row.model_dump(exclude_none=True, exclude_defaults=True)
    first = {name: fields.pop(name) for name in ("model", "provider", "tier") if name in fields}
    return first | fields


def _inline(fields: dict[str, Any]) -> str:
    written = []
    for name, value in fields.items():
        if isinstance(value, dict):
            text = _inline(value)
        elif isinstance(value, str):
            text = json.dumps(value, ensure_ascii=False)
        else:
            text = str(value)
        written.append(f"{name} = {text}")
    return f"{{ {', '.join(written)} }}"
