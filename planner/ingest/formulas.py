"""Cells that a spreadsheet would run: written with an apostrophe before them, read without it."""

from __future__ import annotations

_BEGINNINGS = ("=", "+", "-", "@")
"""What a formula begins with in Excel, LibreOffice and Google Sheets."""


def inert(cell: str) -> str:
    """A text cell as it is written: `'=1+1` for `=1+1`, which a spreadsheet shows and not runs."""
    return f"'{cell}" if cell.lstrip("'").startswith(_BEGINNINGS) else cell


def meant(cell: str) -> str:
    """A cell as it was before `inert`."""
    marked = cell.startswith("'") and cell.lstrip("'").startswith(_BEGINNINGS)
    return cell[1:] if marked else cell
