"""A damaged file is read, or refused in words that say where: never a traceback, never a hang."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from damage import damaged
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from readers import LOGS, QUESTION, READERS, Reader, read_log_files
from saved_files import saved_file

from planner._resources import bundled
from planner.ask.parse import parse_question
from planner.errors import InputError, Problem
from planner.ingest.check import Checked
from planner.ingest.logs import engine

FEW, MANY = 200, 10_000
AT_ONCE = 20
"""Files of an example: most readers take less time than drawing one."""
LONGEST_S = 10.0
FOLDER_S = 60.0
"""For a folder of logs: opening each takes up to half a second on a busy machine."""
MOST_MEMORY_BYTES = 400 * 1024**2
"""More than all damaged files together may add to the process."""

# A seed of a damage cannot be made simpler: shrinking would take minutes for nothing.
once = settings(
    max_examples=FEW,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),
    database=None,
)
often = settings(once, max_examples=MANY)
SEEDS = st.integers(0, 2**40)
SHIPPED = {
    "profile": "accelerators/h200-sxm.toml",
    "card of llms": "llms/mixtral-8x7b.toml",
    "card of verifiers": "verifiers/skywork-prm-7b.toml",
    "card of accelerators": "accelerators/h100-sxm.toml",
    "card of prices": "prices/deepseek.toml",
}


def memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def sound_file(name: str) -> bytes:
    if READERS[name].sound:
        return READERS[name].sound.encode()
    if name in SHIPPED:
        return (bundled("models") / SHIPPED[name]).read_bytes()
    return saved_file(READERS[name].file)


def complaints(read: Callable[[], object], longest_s: float = LONGEST_S) -> tuple[Problem, ...]:
    """What reading complains of, in time; anything but a complaint in words escapes."""
    start = time.monotonic()
    found: tuple[Problem, ...] = ()
    try:
        made = read()
        found = made.problems if isinstance(made, Checked) else ()
    except InputError as error:
        found = error.problems or (Problem("", ""),)
    assert time.monotonic() - start < longest_s
    for problem in found:
        assert problem.where, problem
        assert problem.what, problem
        assert str(problem).replace("\n", "").isprintable()
    return found


def attack(reader: Reader, data: bytes, folder: Path) -> None:
    path = folder / reader.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    for problem in complaints(lambda: reader.read(path)):
        # The name of a profile may be one of a card too: then its place is the option.
        assert path.name in f"{problem.where} {problem.value}", problem
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", READERS)
def test_a_sound_file_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / READERS[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound_file(name))
    assert not complaints(lambda: READERS[name].read(path))


def run_all(name: str, count: settings, tmp_path: Path) -> None:
    sound = sound_file(name)
    before = memory_bytes()

    @settings(count, max_examples=count.max_examples // AT_ONCE)
    @given(first=SEEDS)
    def each(first: int) -> None:
        for seed in range(first, first + AT_ONCE):
            note(f"damage {seed}")
            attack(READERS[name], damaged(sound, seed), tmp_path)

    each()
    assert memory_bytes() - before < MOST_MEMORY_BYTES


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_a_traceback(name: str, tmp_path: Path) -> None:
    run_all(name, once, tmp_path)


@pytest.mark.verify
@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_damaged_files_are_a_traceback(name: str, tmp_path: Path) -> None:
    run_all(name, often, tmp_path)


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of small files a second thread only doubles the work."""
    monkeypatch.setattr(engine, "MAX_THREADS", 1)


def attack_logs(name: str, seed: int, folder: Path, files: int) -> None:
    """Reads a folder of damaged logs, strictly or leaving out what is bad."""
    file, sound = LOGS[name]
    shutil.rmtree(folder, ignore_errors=True)
    for i in range(files):
        path = folder / str(i) / file
        path.parent.mkdir(parents=True)
        path.write_bytes(damaged(sound.encode(), seed + i))
        for other, (beside, text) in LOGS.items():
            if other != name and "lm-eval" in name and "lm-eval" in other:
                (path.parent / beside).write_text(text, encoding="utf-8")
    complaints(lambda: read_log_files([folder], skip_bad=seed % 2 == 0), FOLDER_S)


FILES = 40
"""Logs of a folder: opening the engine takes longer than reading them."""


def run_logs(name: str, count: settings, tmp_path: Path) -> None:
    before = memory_bytes()

    @count
    @given(seed=SEEDS)
    def each(seed: int) -> None:
        attack_logs(name, seed, tmp_path / "logs", FILES)

    each()
    assert memory_bytes() - before < MOST_MEMORY_BYTES


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", LOGS)
def test_a_folder_of_damaged_logs_is_a_traceback(name: str, tmp_path: Path) -> None:
    run_logs(name, settings(once, max_examples=FEW // FILES), tmp_path)


@pytest.mark.verify
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", LOGS)
def test_ten_thousand_damaged_logs_are_a_traceback(name: str, tmp_path: Path) -> None:
    run_logs(name, settings(often, max_examples=MANY // FILES), tmp_path)


def attack_question(seed: int) -> None:
    question = damaged(QUESTION.encode(), seed).decode("utf-8", "replace")
    complaints(lambda: parse_question(question))


@once
@given(seed=SEEDS)
def test_a_damaged_question_is_a_traceback(seed: int) -> None:
    attack_question(seed)


@pytest.mark.verify
@often
@given(seed=SEEDS)
def test_ten_thousand_damaged_questions_are_a_traceback(seed: int) -> None:
    attack_question(seed)
