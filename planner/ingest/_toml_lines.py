"""On which line each key of a TOML text stands.

The library that parses TOML keeps no lines, so they are found here: one pass over the text that
knows headers, keys and where a value ends, and leaves all checking to the parser.
"""

from __future__ import annotations

import re

KeyPath = tuple[str | int, ...]
"""Keys and positions from the top: `("workload", "classes", 0, "mix")`."""

_HEAD = re.compile(r"[ \t]*(\[\[?)?")
_KEY_PART = re.compile(r"""\s*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')\s*""")
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[\[\]{}]|\n''')


def key_lines(text: str) -> dict[KeyPath, int]:
    """Key path -> line of its key or header, for a text that is known to be TOML."""
    lines: dict[KeyPath, int] = {}
    rows: dict[KeyPath, int] = {}
    prefix: KeyPath = ()
    position = 0
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        head = _HEAD.match(text, position)
        names, end = _key(text, head.end() if head else position)
        if head and head.group(1):
            prefix = _header_path(names, rows, is_row=head.group(1) == "[[")
            lines.setdefault(prefix, line)
            if isinstance(prefix[-1], int):
                lines.setdefault(prefix[:-1], line)
            position = _line_end(text, end)
        elif names:
            for depth in range(1, len(names) + 1):
                lines.setdefault((*prefix, *names[:depth]), line)
            position = _value_end(text, end)
        else:
            position = _line_end(text, end)
    return lines


def _header_path(names: list[str], rows: dict[KeyPath, int], *, is_row: bool) -> KeyPath:
    """Path of a header; names of lists of tables are followed by the current position."""
    path: KeyPath = ()
    for depth, name in enumerate(names, 1):
        path = (*path, name)
        if is_row and depth == len(names):
            rows[path] = rows.get(path, -1) + 1
        if path in rows:
            path = (*path, rows[path])
    return path


def _key(text: str, position: int) -> tuple[list[str], int]:
    names: list[str] = []
    while part := _KEY_PART.match(text, position):
        names.append(next(group for group in part.groups() if group is not None))
        position = part.end()
        if text[position : position + 1] != ".":
            break
        position += 1
    return names, position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _value_end(text: str, position: int) -> int:
    """Beginning of the line after a value; brackets and quoted text may run over lines."""
    depth = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        match token.group():
            case '"""' | "'''" as quotes:
                end = text.find(quotes, position)
                position = len(text) if end < 0 else end + len(quotes)
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth <= 0:
                return position
    return len(text)
