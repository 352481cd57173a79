"""Damages a sound file in the ways that editors, transfers, spreadsheets and attackers do."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import lru_cache

TOKEN = re.compile(r'"[^"\n]*"|[-+]?[0-9][0-9.eE+-]*|[A-Za-z_][\w-]*')
"""What a value or a key looks like in CSV, TOML and JSON alike."""

EXTREMES = (
    *("NaN", "nan", "inf", "-Infinity", "1e308", "-1e308", "1e309", "5e-324", "0", "-0.0", "1"),
    *(
        "1e-9",
        "0.1e-320",
        "9" * 30,
        "-" + "9" * 400,
        "1" + "0" * 5000,
        "0x1F",
        "1_000",
        "１２",
        "²",
    ),
    *('""', '"' + "x" * 70_000 + '"', "null", "true", "[]", "{}", "[[[]]]", "[" * 3000, "'", '"'),
    *('"\\u0000"', '"\\ud800"', '"\x1b[31m"', '"=1+1"', '"../../etc/passwd"', '"é\u202eñ"', "#"),
    *("1979-05-27T07:32:00Z", "0.5", "1e12", "1000000000", "-1", "2", "100%", "1,5", "a,b", ""),
)
"""Values that a cell, a key or a number is replaced with."""

SPLICES = (b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n\n", b'"', b",", b";", b"=", b"[", b"}")

Edit = Callable[[bytes, random.Random], bytes]


def damaged(sound: bytes, seed: int) -> bytes:
    """The file with one to four things wrong with it, the same ones for the same seed."""
    rng = random.Random(seed)
    data = sound
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choices(EDITS, WEIGHTS)[0](data, rng)
    return data


@lru_cache(maxsize=2)  # the first damage of each seed is to the same sound file
def _tokens(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in TOKEN.finditer(text)]


def _value(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    found = _tokens(text)
    if not found:
        return rng.choice(EXTREMES).encode()
    start, end = rng.choice(found)
    new = f"{text[:start]}{rng.choice(EXTREMES)}{text[end:]}"
    return new.encode("utf-8", "surrogateescape")


def _swap(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    found = _tokens(text)
    if len(found) < 2:
        return data[::-1]
    (a, b), (c, d) = sorted(rng.sample(found, 2))
    parts = (text[:a], text[c:d], text[b:c], text[a:b], text[d:])
    return "".join(parts).encode("utf-8", "surrogateescape")


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(two, lines[one])
        case 2:
            lines[one], lines[two] = lines[two], lines[one]
        case _:
            lines[one] = lines[one].rstrip(b"\n") * 40
    return b"".join(lines)


def _bytes(data: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(len(data) + 1), rng.choice((0, 1, 1, 5, 40))
    new = rng.choice((*SPLICES, rng.randbytes(3), data[:9]))
    return data[:at] + new + data[at + length :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.7 else data[at:]


def _encoded(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(
        rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252")), "replace"
    )


def _gone(data: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"", b"\n", b"\x00" * 100, b"{}", b"[]", b"null", b"1", data + data))


EDITS: tuple[Edit, ...] = (_value, _swap, _lines, _bytes, _cut, _encoded, _gone)
WEIGHTS = (10, 3, 4, 4, 2, 1, 1)
