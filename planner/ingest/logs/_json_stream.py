"""A JSON document read from its blocks as they come: what is not wanted is skipped, never held.

Memory holds a few blocks and the value that is being read. Of what is skipped, only strings,
brackets and the characters between them are checked.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from planner.ingest.logs.unpack import BLOCK, UnpackError

Wanted: TypeAlias = "Mapping[str, Wanted | None]"
"""Members of an object that are wanted; None wants all of a value, "*" every other member."""

MAX_VALUE = 1 << 25
"""Characters of a value; a longer one is passed over."""
MAX_DEPTH = 1000

_AHEAD = 1 << 22
# Objects up to this long are read at once, by the parser in C, and trimmed afterwards.
_MATCHED = 1 << 16
_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[+\-.0-9A-Za-z]*")
_IN_STRING = r'[^"\\]*(?:\\.[^"\\]*)*'
_STRING = re.compile(_IN_STRING, re.DOTALL)
# Between strings stands only what numbers, true, false, null, NaN and Infinity hold: a quote that
# was lost turns text inside out, and this soon stops at a letter.
_BETWEEN = r"[ \t\n\r,:0-9.+\-truefalsnNIiyE]*"
_PLAIN = rf'{_BETWEEN}(?:"{_IN_STRING}"{_BETWEEN})*'
_FLAT = re.compile(
    rf'{_BETWEEN}(?:(?:"{_IN_STRING}"|\{{{_PLAIN}\}}|\[{_PLAIN}\]){_BETWEEN})*', re.DOTALL
)
_CLOSES = {"{": "}", "[": "]"}
_raw_decode = json.JSONDecoder().raw_decode


class TooLong:
    """Stands for a value that was passed over."""

    def __repr__(self) -> str:
        return f"more than {MAX_VALUE:,} characters"


TOO_LONG = TooLong()


@dataclass
class JsonError(Exception):
    """The document is broken from this byte on."""

    what: str
    at: int
    """Bytes before it."""

    def __str__(self) -> str:
        return f"{self.what} at byte {self.at:,}"


class JsonStream:
    """One document, read once from front to back.

    Stands before a value, which `value`, `pick`, `names`, `elements` or `skip` takes; `names` and
    `elements` skip a value that was not taken. Each raises JsonError where the document is cut
    off or broken, and whatever its blocks raise. Bytes that are no UTF-8 become halves of
    characters, as surrogateescape makes them.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = _pieces(blocks)
        self._broken: UnpackError | None = None
        # What was read ahead of it is sound.
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text = ""
        self._position = 0
        self._bytes_behind = 0
        self._kept: int | None = None
        self._waiting = True
        self._fill()
        self._position = int(self._text.startswith("\ufeff"))

    @property
    def at(self) -> int:
        """Bytes read so far."""
        return self._bytes_to(self._position)

    def kind(self) -> str:
        """First character of the value that comes next."""
        while True:
            self._pass(_SPACE)
            if self._position < len(self._text):
                return self._text[self._position]
            self._more()

    def names(self) -> Iterator[str]:
        """Names of an object's members; after each one, its value comes next."""
        self._expect("{")
        while self.kind() != "}":
            self._waiting = True
            name = self.value() if self.kind() == '"' else None
            if not isinstance(name, str):
                raise JsonError("a name in quotes was expected", self.at)
            self._expect(":")
            self._waiting = True
            yield name
            self.skip()
            self._next("}")
        self._position += 1

    def elements(self) -> Iterator[int]:
        """Numbers of an array's elements from 0; after each one, the element comes next."""
        self._expect("[")
        number = 0
        while self.kind() != "]":
            self._waiting = True
            yield number
            self.skip()
            self._next("]")
            number += 1
        self._position += 1

    def pick(self, wanted: Wanted | None) -> object:
        """The value, of a long object only the wanted members."""
        if wanted is None or self.kind() != "{":
            return self.value()
        at_once = self._at_once()
        if at_once is not None:
            return at_once
        found: dict[str, object] = {}
        for name in self.names():
            if name in wanted or "*" in wanted:
                found[name] = self.pick(wanted.get(name, wanted.get("*")))
        return found

    def value(self) -> object:
        """The value; TOO_LONG where it takes more than MAX_VALUE."""
        self.kind()
        self._kept = self._position
        self.skip()
        kept = self._let_go()
        if kept is None:
            return TOO_LONG
        try:
            found: object = json.loads(self._text[kept : self._position])
        except ValueError:
            raise JsonError("this is not JSON", self._bytes_to(kept)) from None
        except RecursionError:
            raise JsonError("this is nested too deeply", self._bytes_to(kept)) from None
        return found

    def skip(self) -> None:
        """Passes over the value that comes next, unless it was taken already."""
        if not self._waiting:
            return
        self._waiting = False
        match self.kind():
            case '"':
                self._position += 1
                self._pass_string()
            case "{" | "[":
                self._pass_nested()
            case _:
                self._pass_word()

    def end(self) -> None:
        """Raises JsonError where more than white space follows the document."""
        self.skip()
        while True:
            self._pass(_SPACE)
            if self._position < len(self._text):
                raise JsonError("something follows the end of the document", self.at)
            if not self._fill():
                break
        if self._broken is not None:
            raise self._broken

    def _at_once(self) -> object:
        """The object, where it is no longer than what is read ahead; else None."""
        while len(self._text) - self._position < _AHEAD and self._fill():
            pass
        try:
            found, self._position = _raw_decode(self._text, self._position)
        except (ValueError, RecursionError):
            return None
        self._waiting = False
        return found

    def _expect(self, character: str) -> None:
        if self.kind() != character:
            raise JsonError(f"'{character}' was expected", self.at)
        self._position += 1
        self._waiting = False

    def _next(self, closing: str) -> None:
        """Passes the comma before another member or element; a last comma is one too many."""
        if self.kind() == closing:
            return
        self._expect(",")
        if self.kind() == closing:
            raise JsonError("a value was expected", self.at)

    def _pass(self, characters: re.Pattern[str]) -> None:
        reached = 0
        while self._position >= reached:
            # A match needs memory, some hundred bytes a string.
            reached = self._position + _MATCHED
            found = characters.match(self._text, self._position, reached)
            self._position = found.end() if found else self._position

    def _pass_string(self) -> None:
        self._pass(_STRING)
        while self._text[self._position : self._position + 1] != '"':
            # The text read so far may end between a backslash and what it escapes.
            if self._position >= len(self._text) - 1:
                self._more()
            self._pass(_STRING)
        self._position += 1

    def _pass_nested(self) -> None:
        awaited = [_CLOSES[self._text[self._position]]]
        self._position += 1
        while awaited:
            self._pass(_FLAT)
            if self._position == len(self._text):
                self._more()
                continue
            character = self._text[self._position]
            self._position += 1
            if character == '"':
                self._pass_string()
            elif character in _CLOSES and len(awaited) < MAX_DEPTH:
                awaited.append(_CLOSES[character])
            elif character != awaited.pop():
                deep = character in _CLOSES
                what = "this is nested too deeply" if deep else "this character is out of place"
                raise JsonError(what, self.at - 1)

    def _pass_word(self) -> None:
        before = self._position
        self._pass(_WORD)
        if self._position == before:
            raise JsonError("a value was expected", self.at)
        while self._position == len(self._text) and self._fill():
            self._pass(_WORD)

    def _more(self) -> None:
        if not self._fill():
            raise self._broken or JsonError("the document is cut off", self.at)

    def _let_go(self) -> int | None:
        """Where the value begins that was kept; None where it was too long for that."""
        kept, self._kept = self._kept, None
        return kept

    def _fill(self) -> bool:
        """Takes in the next block and lets go of what is behind; False at the end."""
        if self._kept is not None and len(self._text) - self._kept > MAX_VALUE:
            self._kept = None
        behind = self._position if self._kept is None else self._kept
        self._bytes_behind = self._bytes_to(behind)
        self._position -= behind
        self._kept = None if self._kept is None else 0
        try:
            block = next(self._blocks, None)
        except UnpackError as error:
            self._broken, block = error, None
        added = self._decode(block or b"", final=block is None)
        self._text = self._text[behind:] + added
        return block is not None or bool(added)

    def _bytes_to(self, position: int) -> int:
        behind = self._text[:position].encode(errors="surrogateescape")
        return self._bytes_behind + len(behind)


def _pieces(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A block that unpacked to much is taken in piece by piece."""
    for block in blocks:
        for start in range(0, len(block), BLOCK):
            yield block[start : start + BLOCK]
