"""Lines and rows come one by one, as they were written, without holding the file."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.ingest.logs.cells import UnsoundError
from planner.ingest.logs.lines import Line, csv_rows, lines
from planner.ingest.logs.unpack import UnpackError

LETTERS = st.text(st.sampled_from('ab,;"\r\n é\ufeff'), max_size=30)


def in_blocks(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[i : i + size] for i in range(0, len(raw), size))


def texts(found: Iterator[Line]) -> list[str | None]:
    """The lines; None in place of one that is unsound."""
    numbered = list(found)
    assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
    return [None if isinstance(line, UnsoundError) else line for _, line in numbered]


@given(LETTERS, st.integers(1, 7), st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
def test_lines_are_the_same_however_blocks_fall(text: str, size: int, encoding: str) -> None:
    expected = text.removeprefix("\ufeff").split("\n")
    if not expected[-1]:
        expected.pop()
    found = texts(lines(in_blocks(text.encode(encoding), size), encoding))
    assert found == [line.removesuffix("\r") for line in expected]


@given(
    st.lists(st.lists(LETTERS.map(lambda t: t.replace("\ufeff", "")), min_size=2), min_size=1),
    st.sampled_from(",;\t"),
)
def test_rows_are_what_was_written(rows: list[list[str]], separator: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    numbered = lines(in_blocks(stream.getvalue().encode(), 5), "utf-8")
    # A line end within a cell loses the mark of Windows, as line ends do.
    assert [cells for _, cells in csv_rows(numbered, separator)] == [
        [cell.replace("\r\n", "\n") for cell in row] for row in rows
    ]


def test_bytes_that_are_no_text_cost_their_line_only() -> None:
    assert texts(lines(iter([b"a\n\xff\xfe\n", "é\n".encode()]), "utf-8")) == ["a", None, "é"]


def test_half_a_letter_of_utf_16_ends_the_lines() -> None:
    found = lines(iter(["a\nb\n".encode("utf-16-le") + b"c"]), "utf-16-le")
    assert [next(found), next(found)] == [(1, "a"), (2, "b")]
    with pytest.raises(UnpackError, match="UTF-16"):
        next(found)


def test_a_long_line_is_not_held() -> None:
    block = b"x" * (1 << 20)
    tracemalloc.start()
    found = texts(lines((b"a\n" if i == 0 else block for i in range(200)), "utf-8"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ["a", None]
    assert peak < 70 << 20


READ = """
import resource, sys
from pathlib import Path

def peak_bytes():
    # ru_maxrss begins at that of the process which started this one; the kernel's peak of the
    # program itself does not.
    status = Path("/proc/self/status")
    if status.exists():
        lines = (line.split() for line in status.read_text().splitlines())
        return next(int(words[1]) * 1024 for words in lines if words[:1] == ["VmHWM:"])
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

from planner.ingest.logs.read import read_logs
from planner.ingest.logs.reading import LogOptions
with read_logs([Path(sys.argv[1])], LogOptions(skip_bad=True), "100MB") as found:
    print(found.connection.execute(f"SELECT count(*) FROM {found.view}").fetchall()[0][0])
print(peak_bytes())
"""


@pytest.mark.verify
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.jsonl", '{"model": "m", "problem_id": "p", "correct": 1}\n{"model": "', '"}\n'),
        ("a.csv", "model,problem_id,correct\nm,p,1\nm,", ",1\n"),
    ],
)
def test_a_line_of_a_gigabyte_takes_no_gigabyte(
    tmp_path: Path, name: str, before: str, after: str
) -> None:
    with (tmp_path / name).open("wb") as stream:
        stream.write(before.encode())
        for _ in range(1200):
            stream.write(b"x" * 1_000_000)
        stream.write(after.encode())
    read = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / name], capture_output=True, check=True, text=True
    )
    rows, peak = map(int, read.stdout.split())
    assert rows == 1
    assert peak < 300e6
