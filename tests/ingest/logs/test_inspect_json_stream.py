"""A JSON document read in pieces is the document read whole."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.ingest.logs import _json_stream
from planner.ingest.logs._json_stream import TOO_LONG, JsonError, JsonStream, Wanted
from planner.ingest.logs.unpack import UnpackError

NAMES = st.text('abé"\\{}\n,:', max_size=3)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text('ab \\"{}[],:é\U0001f600\x00\n', max_size=12)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
LAYOUTS = st.sampled_from([{}, {"indent": 1}, {"separators": (",", ":"), "ensure_ascii": False}])


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    return (data[i : i + length] for i in range(0, len(data), length))


@pytest.fixture(params=[0, 1 << 22], ids=["in pieces", "at once"], autouse=True)
def ahead(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to read an object: piece by piece as a long one, and at once."""
    monkeypatch.setattr(_json_stream, "_AHEAD", request.param)
    if not request.param:
        monkeypatch.setattr(JsonStream, "_at_once", lambda _self: None)


def whole(blocks: Iterator[bytes]) -> dict[str, object]:
    stream = JsonStream(blocks)
    found = {name: stream.value() for name in stream.names()}
    stream.end()
    return found


def encoded(value: object, layout: dict[str, Any]) -> bytes:
    return json.dumps(value, **layout).encode()


@given(VALUES, LAYOUTS, st.integers(1, 40))
def test_a_value_is_the_same_however_it_arrives(
    value: object, layout: dict[str, object], length: int
) -> None:
    stream = JsonStream(pieces(encoded(value, layout), length))
    assert stream.value() == value
    stream.end()


@given(st.dictionaries(NAMES, VALUES, max_size=5), LAYOUTS, st.integers(1, 40), st.data())
def test_members_can_be_taken_in_part(
    value: dict[str, object], layout: dict[str, object], length: int, data: st.DataObject
) -> None:
    taken = data.draw(st.sets(st.sampled_from(sorted(value)))) if value else set()
    stream = JsonStream(pieces(encoded(value, layout), length))
    seen, found = [], {}
    for name in stream.names():
        seen.append(name)
        if name in taken:
            found[name] = stream.value()
    stream.end()
    assert seen == list(value)
    assert found == {name: value[name] for name in value if name in taken}


@given(st.lists(VALUES, max_size=5), LAYOUTS, st.integers(1, 40))
def test_no_element_is_lost_or_swapped(
    value: list[object], layout: dict[str, object], length: int
) -> None:
    stream = JsonStream(pieces(encoded({"a": value, "b": 1}, layout), length))
    found: list[object] = []
    for name in stream.names():
        if name == "a":
            assert stream.kind() == "["
            found = [stream.value() for _ in stream.elements()]
    assert found == value


def test_what_is_wanted_of_an_object_is_found() -> None:
    value = {"a": {"x": 1, "y": 2}, "b": [3], "c": {"k": {"v": 4, "w": 5}}, "a2": 6}
    wanted: Wanted = {"a": {"x": None}, "b": {"x": None}, "c": {"*": {"v": None}}}
    found = JsonStream(iter([json.dumps(value).encode()])).pick(wanted)
    assert isinstance(found, dict)
    assert found["a"]["x"] == 1
    assert found["b"] == [3]
    assert found["c"]["k"]["v"] == 4


@given(st.dictionaries(NAMES, VALUES, min_size=1), st.integers(1, 40), st.data())
def test_a_cut_document_is_noticed_wherever_it_is_cut(
    value: dict[str, object], length: int, data: st.DataObject
) -> None:
    text = json.dumps(value).encode()
    cut = data.draw(st.integers(0, len(text) - 1))
    stream = JsonStream(pieces(text[:cut], length))
    with pytest.raises(JsonError, match="cut off") as caught:
        list(stream.names())
    assert caught.value.at <= cut


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('{"a": 1 "b": 2}', 8),
        ('{"a": 1, }', 9),
        ('{"a": [1}}', 8),
        ("{'a': 1}", 1),
        ('{"a" 1}', 5),
        ('{"a": }', 6),
        ('{"a": tru}', 6),
        ('{"é": 01}', 7),
        ('{"a": "\x01"}', 6),
        ('{"a": 1} x', 9),
        ('{"a": {"b": word}}', 12),
    ],
)
@pytest.mark.parametrize("length", [1, 3, 100])
def test_a_fault_is_placed_at_its_byte(text: str, at: int, length: int) -> None:
    with pytest.raises(JsonError) as caught:
        whole(pieces(text.encode(), length))
    assert caught.value.at == at


def test_deep_nesting_is_refused_and_does_not_overflow() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000):
        for take in (JsonStream.value, JsonStream.skip):
            with pytest.raises(JsonError, match="too deeply"):
                take(JsonStream(iter([text.encode()])))


def test_a_long_value_is_passed_over_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_json_stream, "MAX_VALUE", 1 << 20)

    def blocks() -> Iterator[bytes]:
        yield b'{"a": "'
        for _ in range(250):
            yield b"\\\\x" * 40_000
        yield b'", "b": ['
        for _ in range(30):
            yield b'{"c": "dddd"},' * 10_000
        yield b'1], "e": 2}'

    tracemalloc.start()
    found = whole(blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == {"a": TOO_LONG, "b": TOO_LONG, "e": 2}
    assert peak < 12 << 20


def test_a_byte_order_mark_and_bytes_that_are_no_text_are_borne() -> None:
    blocks = [b"\xef\xbb\xbf", b'{"a": "x\xff', b'y", "b": 1}', b"\n"]
    assert whole(iter(blocks)) == {"a": "x\udcffy", "b": 1}


def test_what_breaks_the_blocks_is_passed_on() -> None:
    def blocks() -> Iterator[bytes]:
        yield b'{"a": 1, "b": '
        raise UnpackError("damaged", 14)

    names = JsonStream(blocks()).names()
    assert next(names) == "a"
    with pytest.raises(UnpackError):
        list(names)
