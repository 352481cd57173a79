"""Coefficients of a loss law from a TOML or JSON file."""

from __future__ import annotations

from pathlib import Path

from planner.domain.training import LawFile
from planner.errors import InputError, Problem
from planner.ingest._text import read_text
from planner.ingest.json_file import parse_json
from planner.ingest.toml_file import TomlFile, read_toml, validated


def read_law(path: Path) -> LawFile:
    """E, A, B, alpha, beta, and G with gamma where samples count. Raises InputError with every
    problem.
    """
    if path.suffix.lower() == ".toml":
        return validated(LawFile, read_toml(path))
    text = read_text(path)
    values = parse_json(text)
    if not isinstance(values, dict):
        raise InputError(Problem(text.name, "it holds no object", remedy='write {"E": 1.69, ...}'))
    return validated(LawFile, TomlFile(text.name, values, {}))
