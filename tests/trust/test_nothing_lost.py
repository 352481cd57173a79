"""Whatever happens to a run, each file is the old one or the new one, whole, and inputs stay."""

from __future__ import annotations

import json
import marshal
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from commands import OPTIONS, SOLVE, Done, command, files_of, planner

OLD = '{"old": true}\n'
WRITER = """
import sys
from pathlib import Path
from planner._files import write_atomic
print("ready", flush=True)
while True:
    for letter in "ab":
        write_atomic(Path(sys.argv[1]), letter * 3_000_000)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "options.csv").write_text(OPTIONS, encoding="utf-8")
    (tmp_path / "plan.json").write_text(OLD, encoding="utf-8")
    return tmp_path


def kill_a_writer(path: Path, rng: random.Random) -> None:
    """Kills a process that writes over a file again and again; what it leaves must be whole."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(rng.random() * 0.05)
        writer.kill()
    found = path.read_text(encoding="utf-8")
    assert found == OLD or (len(found) == 3_000_000 and len(set(found)) == 1)
    for rest in path.parent.glob(".planner-*"):
        rest.unlink()


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.verify)])
def test_a_killed_writer_leaves_half_a_file(folder: Path, kills: int) -> None:
    rng = random.Random(4)
    for _ in range(kills):
        kill_a_writer(folder / "plan.json", rng)


@pytest.mark.parametrize("kills", [2, pytest.param(200, marks=pytest.mark.verify)])
def test_a_killed_solve_leaves_half_a_plan(folder: Path, kills: int) -> None:
    start = time.monotonic()
    assert planner(*SOLVE, cwd=folder).returncode == 0
    longest = time.monotonic() - start
    new = (folder / "plan.json").read_bytes()
    rng = random.Random(5)
    for _ in range(kills):
        (folder / "plan.json").write_text(OLD, encoding="utf-8")
        with subprocess.Popen(
            command(*SOLVE), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            time.sleep(longest * (0.5 + rng.random()))
            run.kill()
        assert (folder / "plan.json").read_bytes() in (OLD.encode(), new)
    assert (folder / "options.csv").read_text(encoding="utf-8") == OPTIONS


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))


def on_a_full_disk(*words: str, cwd: Path) -> Done:
    # Python itself keeps byte code that it could write only in part, and trips over it ever after.
    return planner(*words, cwd=cwd, before=small_files, PYTHONDONTWRITEBYTECODE="1")


@pytest.mark.parametrize("words", [SOLVE, ("init", "new"), ("init", ".")])
def test_a_full_disk_is_a_traceback_or_leaves_half_a_file(
    folder: Path, words: tuple[str, ...]
) -> None:
    before = files_of(folder)
    done = on_a_full_disk(*words, cwd=folder)
    assert done.returncode == 2
    assert "cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_of(folder) == before


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="there is no such folder")
def test_a_folder_that_may_not_be_written_is_a_traceback(folder: Path) -> None:
    done = planner(*SOLVE[:-1], "/sys/plan.json", cwd=folder)
    assert done.returncode == 2
    assert "/sys/plan.json: it cannot be written" in done.stderr


def test_a_file_in_place_of_a_folder_is_a_traceback(folder: Path) -> None:
    done = planner(*SOLVE[:-1], "plan.json/plan.json", cwd=folder)
    assert done.returncode == 2
    assert "plan.json/plan.json: it cannot be written" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
@pytest.mark.parametrize("words", [("cards", "accelerators"), ("cards", "--json")])
def test_a_full_disk_behind_stdout_goes_unnoticed(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = planner(*words, cwd=tmp_path, stdout=full)
    assert done.returncode == 2
    assert done.stderr == "planner: No space left on device\n"


@pytest.mark.parametrize("words", [("cards", "accelerators"), ("cards", "--json")])
def test_a_closed_pipe_is_a_traceback(tmp_path: Path, words: tuple[str, ...]) -> None:
    heard, told = os.pipe()
    os.close(heard)
    done = planner(*words, cwd=tmp_path, stdout=told)
    os.close(told)
    assert (done.returncode, done.stderr) == (1, "")


BUSY = """
import sys, numpy
from planner.cli import _common, _interrupt
_interrupt.end_soon_after_ctrl_c(_common.EXIT_INTERRUPTED)
matrix = numpy.random.default_rng(1).random((5000, 5000))
with _common.guarded(False):
    print("ready", flush=True)
    while True:
        numpy.linalg.svd(matrix)
"""


def interrupted(words: list[str], cwd: Path, after_s: float) -> tuple[float, int, str]:
    """Seconds that a run goes on after Ctrl-C, its exit code, and what it says on stderr."""
    with subprocess.Popen(
        words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        if after_s == 0:
            assert run.stdout is not None
            run.stdout.readline()
            time.sleep(0.2)
        time.sleep(after_s)
        run.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, said = run.communicate(timeout=60)
        return time.monotonic() - start, run.returncode, said


def test_ctrl_c_in_the_middle_of_numerics_is_waited_out(tmp_path: Path) -> None:
    took, code, said = interrupted([sys.executable, "-c", BUSY], tmp_path, 0.0)
    assert took < 1.5
    assert (code, said.strip()) == (130, "planner: stopped")


def test_ctrl_c_leaves_something_half_written_or_a_traceback(folder: Path) -> None:
    assert planner("init", "new", cwd=folder).returncode == 0
    before = files_of(folder)
    words = command("solve", "new/scenario.toml", "--draws", "20000", "-o", "plan.json")
    took, code, said = interrupted(words, folder, 2.0)
    assert took < 1.5
    # Python dies of the signal where it came within exec(); a shell says 130 of both.
    assert code in (130, -signal.SIGINT)
    assert "Traceback" not in said
    assert files_of(folder) == before


def test_ctrl_c_while_a_class_is_made_is_called_a_defect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from planner.cli import _common

    class Stopping:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ended, _common.guarded(False):
        type("Made", (), {"part": Stopping()})
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "planner: stopped\n"


@pytest.mark.parametrize(
    "words",
    [
        ("solve", "--options", "options.csv", "--budget", "12", "-o", "./options.csv"),
        ("fit", "options.csv", "-o", "options.csv"),
        ("report", "link.csv", "-o", "options.csv"),
    ],
)
def test_an_input_is_written_over(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "link.csv").symlink_to(folder / "options.csv")
    done = planner(*words, cwd=folder)
    assert done.returncode == 2
    assert "it is read here" in done.stderr or "format that the file's suffix" in done.stderr
    assert (folder / "options.csv").read_text(encoding="utf-8") == OPTIONS


def test_runs_in_one_folder_disturb_each_other(folder: Path) -> None:
    runs = [
        subprocess.Popen(command(*SOLVE), cwd=folder, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {run.communicate(timeout=120)[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(said) == 1
    assert json.loads((folder / "plan.json").read_text(encoding="utf-8"))["status"] == "optimal"
    assert set(files_of(folder)) == {"options.csv", "plan.json"}


def test_byte_code_that_a_full_disk_cut_short_is_called_a_defect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from planner.cli import _common

    with pytest.raises(typer.Exit) as ended, _common.guarded(False):
        marshal.loads(marshal.dumps((1, 2, 3))[:-3])
    assert ended.value.exit_code == _common.EXIT_DEFECT
    assert "delete the __pycache__ folders" in capsys.readouterr().err
