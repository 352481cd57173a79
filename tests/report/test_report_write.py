"""Writing a report: by suffix, whole or not at all, with errors that say what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sample_answer import sample_answer, sample_plan

from planner.errors import InputError
from planner.report import FORMATS, write_report


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_writes_answers_and_plans(tmp_path: Path, suffix: str) -> None:
    for name, value in (("answer", sample_answer()), ("plan", sample_plan())):
        path = tmp_path / f"{name}{suffix}"
        write_report(value, path)
        assert path.stat().st_size > 500
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"answer{suffix}", f"plan{suffix}"]


def test_json_has_the_names_of_the_contract(tmp_path: Path) -> None:
    write_report(sample_answer(), tmp_path / "a.json")
    read = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert read["schema"] == "planner.answer/1"
    assert read["best_plan"]["schema"] == "planner.plan/1"
    assert {"parity_n_cost", "break_even_queries_per_day", "winner_by_mix"} <= set(read)


@pytest.mark.parametrize("name", ["page.docx", "page", "page.html.bak"])
def test_unknown_suffix_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.html, \.pdf, \.md, \.csv, \.json"):
        write_report(sample_answer(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_suffixes_are_read_in_any_case(tmp_path: Path) -> None:
    write_report(sample_plan(), tmp_path / "PLAN.JSON")
    assert (tmp_path / "PLAN.JSON").is_file()


def test_missing_folder_is_an_error_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder does not exist"):
        write_report(sample_plan(), tmp_path / "nowhere" / "page.json")


def test_a_folder_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "page.json").mkdir()
    with pytest.raises(InputError, match=r"[Ii]s a (folder|directory)"):
        write_report(sample_plan(), tmp_path / "page.json")
    assert [p.name for p in tmp_path.iterdir()] == ["page.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_an_error_of_the_user(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(InputError, match="cannot be written"):
        write_report(sample_plan(), closed / "page.json")


def test_a_failed_write_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.json"
    path.write_text("old", encoding="utf-8")

    def full(*_: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_report(sample_plan(), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.json"]


def test_others_may_read_the_page_as_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    write_report(sample_plan(), tmp_path / "page.json")
    assert (tmp_path / "page.json").stat().st_mode == plain.stat().st_mode
