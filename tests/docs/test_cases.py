"""What the worked cases and the tutorial say in numbers is what their commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import PROJECT, blocks, name_of, prose

CASES = sorted((PROJECT / "docs" / "cases").glob("*.md"))
NUMBER = re.compile(r"(?<![\w.:/-])\$?(\d[\d,]*(?:\.\d+)?)(?:[MBT](?![a-z]))?(?![\w/])")
ALLOWED = {
    "verifier.md": set[str](),
    "thinking.md": {"93500"},
    "training.md": {"50"},
}
"""Numbers that the author adds, by page: a product of two others, and an example of a volume."""


def numbers(text: str) -> set[str]:
    """Numbers of a text, without dollars and separators."""
    return {match[1].replace(",", "") for match in NUMBER.finditer(text)}


@pytest.mark.parametrize("page", CASES, ids=name_of)
def test_a_case_says_no_number_that_neither_data_nor_commands_have(page: Path) -> None:
    text = prose(page)
    named = re.findall(r"`(fixtures/\w+\.csv)`", text)
    assert named, "a case starts from measurements that ship"
    rows = " ".join((PROJECT / name).read_text(encoding="utf-8") for name in named)
    fractions = {f"{100 * float(found):.1f}" for found in re.findall(r"\b0\.\d+", rows)}
    rounded = {f"{float(found):.0f}" for found in re.findall(r"\b\d+\.\d+", rows)}
    blocked = " ".join(
        block.text.replace(",", " ") if block.language == "csv" else block.text
        for block in blocks(page)
    )
    known = numbers(blocked) | numbers(re.sub(r"[MBTk](?=\b)", " ", blocked)) | fractions | rounded
    known |= set(re.findall(r"\d+", rows))
    said = re.sub(r"arXiv:[\d.]+|Table \d+|et al\. \d{4}|\d+ at high|`[^`]*`", "", text)
    assert numbers(said) - known == ALLOWED.get(page.name, set())
