"""Of paths, folders and patterns every file is found once, and none outside of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import Problem
from planner.ingest.logs.sources import expand


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with files at three depths, and one file outside of it."""
    for name in ("logs/b.csv", "logs/a.csv", "logs/deep/er/c.csv", "logs/deep/d.json",
                 "logs/.hidden", "logs/.cache/e.csv", "outside.csv"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "logs"


def expanded(*paths: Path) -> tuple[list[str], list[Problem]]:
    """Names of the files that are found, and the complaints."""
    problems: list[Problem] = []
    return [file.name for file in expand(paths, problems.append)], problems


def names(folder: Path, *paths: Path) -> list[str]:
    found, problems = expanded(*paths)
    assert not problems
    return [Path(name).relative_to(folder).as_posix() for name in found]


def test_a_folder_is_read_with_its_subfolders_but_for_what_is_hidden(tree: Path) -> None:
    assert names(tree, tree) == ["a.csv", "b.csv", "deep/d.json", "deep/er/c.csv"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", ["a.csv", "b.csv"]),
        ("**/*.csv", ["a.csv", "b.csv", "deep/er/c.csv"]),
        ("**", ["a.csv", "b.csv", "deep/d.json", "deep/er/c.csv"]),
        ("[ab].csv", ["a.csv", "b.csv"]),
        ("d*", ["deep/d.json", "deep/er/c.csv"]),
        ("*/d.json", ["deep/d.json"]),
    ],
)
def test_a_pattern_finds_what_it_matches(tree: Path, pattern: str, found: list[str]) -> None:
    assert names(tree, tree / pattern) == found


def test_a_pattern_from_here_is_found(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert expanded(Path("*.csv")) == (["a.csv", "b.csv"], [])


def test_a_file_named_like_a_pattern_is_itself(tree: Path) -> None:
    (tree / "[ab].csv").write_text("")
    assert names(tree, tree / "[ab].csv") == ["[ab].csv"]


def test_a_file_named_twice_is_found_once(tree: Path) -> None:
    (tree / "link.csv").symlink_to(tree / "b.csv")
    found = names(tree, tree / "b.csv", tree, tree / "a.csv", tree / "link.csv")
    assert found == ["b.csv", "a.csv", "deep/d.json", "deep/er/c.csv"]


def test_a_link_in_a_folder_leads_no_further_than_the_folder(tree: Path) -> None:
    (tree / "in.csv").symlink_to(tree / "deep" / "d.json")
    (tree / "out.csv").symlink_to(tree.parent / "outside.csv")
    (tree / "up").symlink_to(tree.parent)
    for path in (tree, tree / "*"):
        found, problems = expanded(path)
        assert "outside.csv" not in {Path(name).name for name in found}
        assert {p.where for p in problems} == {str(tree / "out.csv"), str(tree / "up")}
    assert expanded(tree / "out.csv") == ([str(tree / "out.csv")], [])


def test_a_link_in_a_circle_ends(tree: Path) -> None:
    (tree / "deep" / "round").symlink_to(tree)
    assert len(names(tree, tree)) == 4


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("missing.csv", "no such file"),
        ("dangling.csv", "leads nowhere"),
        ("x*.csv", "no file matches"),
        ("a\0b.csv", "not the name of a file"),
    ],
)
def test_what_is_not_there_is_named(tree: Path, name: str, what: str) -> None:
    (tree / "dangling.csv").symlink_to(tree / "gone.csv")
    found, problems = expanded(tree / name)
    assert found == []
    assert len(problems) == 1
    assert what in problems[0].what


def test_a_name_nearly_right_is_suggested(tree: Path) -> None:
    (tree / "results.csv").write_text("")
    _, problems = expanded(tree / "result.csv")
    assert problems[0].remedy == f"did you mean {tree / 'results.csv'}?"


def test_only_files_named_themselves_are_named(tree: Path) -> None:
    files = expand([tree / "a.csv", tree, tree / "*.json"], lambda _: None)
    assert [file.named for file in files] == [True, False, False, False]
