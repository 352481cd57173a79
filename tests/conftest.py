"""What all tests share: how hypothesis draws, and where real measurements lie."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parent.parent
REAL_DATA = PROJECT.parent / "shared" / "data"

# Of what thousands of collected tests hold nothing is garbage: looking through it again and again,
# as Python does by default, takes a third of their time.
gc.set_threshold(50_000)

# The same examples at every run: a failure in a merge check must be the change's own.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=50)
# `make verify`: new examples at every run, and many.
settings.register_profile("thorough", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """What there is before the first test stays to the end, and is not looked through."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tables that tests hand over as the property `table`: workers cannot print them."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, text in report.user_properties:
            if name == "table" and report.when == "call":
                terminalreporter.section(report.nodeid, "-")
                terminalreporter.write_line(str(text))


@pytest.fixture(scope="session")
def project() -> Path:
    """The top of the repository."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real measurements that are not part of the project; skips where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"real measurements are not there: no folder {REAL_DATA}")
    return REAL_DATA
