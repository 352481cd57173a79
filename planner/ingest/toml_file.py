"""TOML files: read, checked against a type, every problem with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planner.domain.nearest import nearest
from planner.errors import InputError, Problem
from planner.ingest._table import shown
from planner.ingest._text import Text, read_text
from planner.ingest._toml_lines import KeyPath, key_lines

Model = TypeVar("Model", bound=BaseModel)

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_ENDLESS = re.compile(r"[0-9_]{4301}")
"""A whole number of more digits than Python turns into one."""
_REMEDIES = {
    "Invalid value": 'text stands in quotes ("..."), numbers have a point, lists stand in [ ]',
    "Cannot overwrite": "the key stands twice: keep one of the two",
    "Cannot declare": "this table stands twice: join the two, or write [[...]] for a list",
    "Expected '=' after a key": "write `key = value`",
    "Unclosed": "close the bracket",
    "Unterminated string": "close the quotation mark",
    "Illegal character": 'close the quotation mark on the same line, or use """',
}


@dataclass(frozen=True)
class TomlFile:
    """A parsed TOML file, and where its keys stand."""

    name: str
    """As the user gave it."""
    values: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """Line of a key, or of the nearest one above it."""
        known = (self.lines.get(path[:depth]) for depth in range(len(path), 0, -1))
        return next((n for n in known if n is not None), None)

    def where(self, path: KeyPath) -> str:
        """`file:line: key.path`."""
        line = self.line(path)
        place = self.name if line is None else f"{self.name}:{line}"
        return f"{place}: {_dotted(path)}" if path else place


def read_toml(path: Path | Traversable, name: str | None = None) -> TomlFile:
    """Parses a TOML file. Raises InputError with line and column where it is not TOML."""
    text = read_text(path, name)
    return TomlFile(text.name, parse_toml(text), key_lines(text.text))


def parse_toml(text: Text) -> dict[str, Any]:
    """The values of a TOML text. Raises InputError with line and column where it is not TOML."""
    try:
        return tomllib.loads(text.text)
    except RecursionError:
        raise InputError(Problem(text.name, "its lists are nested too deeply")) from None
    except ValueError as error:
        raise InputError(_not_toml(text.name, text.text, error)) from None


def validated(
    model: type[Model],
    file: TomlFile,
    word: Callable[[KeyPath, ErrorDetails], tuple[str, str | None] | None] | None = None,
) -> Model:
    """The file's values as `model`; raises InputError with every problem in plain words.

    `word` may give what is wrong and the remedy for an error; where it gives None, the words
    of this module stand.
    """
    try:
        return model.model_validate(file.values)
    except ValidationError as error:
        problems: list[tuple[int, Problem]] = []
        for detail in error.errors(include_url=False):
            if _echo(detail):
                continue
            path = _written(detail["loc"], file.values, detail["type"])
            worded = word(path, detail) if word is not None else None
            what, remedy = worded or _worded(model, path, detail)
            problem = Problem(file.where(path), what, value=_seen(detail), remedy=remedy)
            problems.append((file.line(path) or 0, problem))
        in_order = [problem for _, problem in sorted(problems, key=lambda pair: pair[0])]
        raise InputError(in_order, f"{file.name} cannot be used") from None


def pattern(path: KeyPath) -> str:
    """A key path with its positions left out: `workload.classes[].mix`."""
    return re.sub(r"\[\d+\]", "[]", _dotted(path))


def _dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part if re.fullmatch(r"[\w-]+", part) else f'"{part}"'
            text += f".{plain}" if text else plain
    return text


def _written(loc: KeyPath, values: Any, kind: str) -> KeyPath:
    """The part of an error's place that stands in the file; a missing key is kept."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        there = (isinstance(values, dict) and part in values) or (
            isinstance(values, list) and isinstance(part, int) and part < len(values)
        )
        tagged = isinstance(values, dict) and part in values.values()
        if not there and tagged and position + 1 < len(loc):
            continue  # the kind of a table, by which its type was told
        if not there:
            return (*path, part) if kind == "missing" else tuple(path)
        path.append(part)
        values = values[part]
    return (*path, "kind") if kind == "union_tag_invalid" else tuple(path)


def _echo(detail: ErrorDetails) -> bool:
    """A list is reported as too short when its entries were refused: they are reported too."""
    context = detail.get("ctx", {})
    return detail["type"] == "too_short" and len(detail["input"]) >= context["min_length"]


def _seen(detail: ErrorDetails) -> str | None:
    value = detail["input"]
    if detail["type"] in ("missing", "extra_forbidden"):
        return None
    if isinstance(value, list) and all(isinstance(v, (str, int, float)) for v in value):
        return shown(f"[{', '.join(map(_scalar, value))}]")
    return None if isinstance(value, (dict, list)) else shown(_scalar(value))


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _worded(model: type[BaseModel], path: KeyPath, detail: ErrorDetails) -> tuple[str, str | None]:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "this key is missing", f"add {path[-1]} = ..."
        case "extra_forbidden":
            keys = _keys_at(model, path[:-1])
            near = nearest(str(path[-1]), keys)
            known = f"the keys here are {', '.join(keys)}" if keys else None
            return "there is no such key", f"did you mean {near}?" if near else known
        case "union_tag_invalid":
            return f"its kind must be {context['expected_tags']}", _near_tag(context)
        case "literal_error":
            return f"it must be {context['expected']}", _near_literal(detail)
        case "value_error":
            what, _, remedy = str(context["error"]).partition("; ")
            return what, remedy or None
        case "tuple_type" | "list_type":
            return "it must be a list", "put it in brackets: [ ... ]"
        case "model_type" | "dict_type":
            return "it must be a table", f"write [{_dotted(path)}] and its keys below"
        case "int_type" | "int_parsing" | "int_from_float":
            return "it must be a whole number", None
        case _:
            message = detail["msg"].replace("Input should be", "it must be")
            return message[:1].lower() + message[1:], None


def _near_tag(context: dict[str, Any]) -> str | None:
    choices = re.findall(r"'([^']*)'", str(context["expected_tags"]))
    near = nearest(str(context["tag"]), choices)
    return None if near is None else f'did you mean kind = "{near}"?'


def _near_literal(detail: ErrorDetails) -> str | None:
    choices = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    near = nearest(str(detail["input"]), choices)
    return None if near is None else f'did you mean "{near}"?'


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Keys that the type takes at a place; empty where it is no table of fixed keys."""
    here: list[type[BaseModel]] = [model]
    for part in path:
        if isinstance(part, int):
            continue
        fields = {f.alias or n: f for one in here for n, f in one.model_fields.items()}
        if part not in fields:
            return []
        here = _models_within(fields[part].annotation)
    return list(dict.fromkeys(f.alias or n for one in here for n, f in one.model_fields.items()))


def _models_within(annotation: Any) -> list[type[BaseModel]]:
    """The models of an annotation such as `tuple[Model, ...]`, `Model | None` or `One | Other`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_within(argument)]


def _not_toml(name: str, text: str, error: ValueError) -> Problem:
    message = str(error)
    found = _PLACE.search(message)
    if found is None and "integer string conversion" in message:
        line = next(n for n, row in enumerate(text.split("\n"), 1) if _ENDLESS.search(row))
        return Problem(f"{name}:{line}", "a whole number has thousands of digits")
    if found is None:
        return Problem(name, f"this is not TOML: {message}")
    what = message[: found.start()]
    line = int(found.group(1)) if found.group(1) else text.count("\n") + 1
    column = int(found.group(2)) if found.group(2) else None
    lines = text.replace("\r\n", "\n").split("\n")
    remedy = next((r for start, r in _REMEDIES.items() if what.startswith(start)), None)
    return Problem(
        f"{name}:{line}" if column is None else f"{name}:{line}:{column}",
        f"this is not TOML: {what[:1].lower() + what[1:]}",
        value=shown(lines[line - 1].strip()) or None,
        remedy=remedy,
    )
