"""What is told where Spark cannot run: on most machines, and with a word that is misspelt."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.pipeline import measure


def test_without_pyspark_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r'pip install "inference-planner\[spark\]"'):
        measure(["hdfs://cluster/logs"], engine="spark")


def test_without_java_a_jdk_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"Spark needs Java.*\n.*JAVA_HOME"):
        measure(["hdfs://cluster/logs"], engine="spark")


def test_an_engine_of_no_such_name_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean spark"):
        measure(["log.csv"], engine="sparc")
