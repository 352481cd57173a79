"""Apache Spark counts what DuckDB counts, to the byte; its complaints are sentences."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.ingest.logs.reading import LogOptions
from planner.ingest.logs.spark import spark_session
from planner.measure.estimates import Asked
from planner.measure.logs import Steps
from planner.measure.measuring import Terms
from planner.measure.written import observations_text
from planner.pipeline import measure

pytestmark = [
    pytest.mark.spark,
    # PySpark leaves its sockets to the end of the process.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TWO_WORKERS = "local-cluster[2,1,1024]"
# Small queries are soon done: compiling them thoroughly takes longer than running them.
DEFAULTS = """
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1
spark.sql.shuffle.partitions 4
"""
TERMS = Terms(Asked(), replicates=50)


def records(problems: int, samples: int, seed: int = 0) -> pd.DataFrame:
    """Three models on problems of three levels; cells as people leave them."""
    rng = np.random.default_rng(seed)
    shape = (3, problems, samples)
    model, problem, sample = (axis.ravel() for axis in np.indices(shape))
    ease = rng.normal(0.4 * model - 0.4, 1)
    right = rng.random(len(ease)) < 1 / (1 + np.exp(-ease))
    wrong = rng.choice(["no", "none", "", 'say "so",\nthen'], len(ease))
    answer = np.where(right, " yes", wrong)
    table = pd.DataFrame(
        {
            "model": np.array(["small", "middle", "Größe L"])[model],
            "question_id": problem,
            "sample": sample,
            "is_correct": np.where(right, "True", "false"),
            "answer": answer,
            "reward": np.where(answer == "", np.nan, rng.beta(2 + right, 2)),
            "level": problem % 3 + 1,
            "temperature": 0.7,
            "prompt_tokens": 40 + problem % 17,
            "completion_tokens": rng.lognormal(6, 1, len(ease)).astype(int),
            "time_s": rng.gamma(2, 1.5, len(ease)),
        }
    )
    table.loc[(problem == 1) & (sample == 0), "is_correct"] = ""
    return table


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Home of a Spark with settings of its own, which also holds what its workers leave behind."""
    import pyspark

    home = tmp_path_factory.mktemp("spark")
    for part in ("bin", "jars"):
        (home / part).symlink_to(Path(pyspark.__file__).parent / part)
    (home / "conf").mkdir()
    (home / "conf" / "spark-defaults.conf").write_text(DEFAULTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_CONF_DIR", str(home / "conf"))
        patch.setenv("SPARK_LOCAL_DIRS", str(home / "local"))
        yield home


@pytest.fixture(scope="module")
def session(settings: Path) -> Iterator[Any]:
    """One Spark in this process for all tests; `measure` takes the one that is there."""
    assert settings.is_dir()
    with spark_session("local[2]") as session:
        yield session


def observations(logs: Any, **how: Any) -> str:
    return observations_text(measure(logs, terms=TERMS, **how).rows)


def test_two_workers_write_the_bytes_that_duckdb_writes(settings: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    table = records(100, 12)
    for i, part in table.groupby("model"):
        part.to_csv(logs / f"{len(str(i))}.csv", index=False)
    command = [sys.executable, "-m", "planner", "measure", str(logs), "--question-set", "quiz"]
    spark = ["--engine", "spark", "--master", TWO_WORKERS]
    for name, engine in (("one.csv", []), ("two.csv", spark)):
        done = subprocess.run(
            [*command, "--quiet", "-o", name, *engine],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert len((tmp_path / "one.csv").read_text().splitlines()) > 100
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    executors = [f for f in (settings / "work").glob("app-*/*") if f.is_dir()]
    assert len(executors) == 2


def write(table: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_csv(path, index=False, sep=";" if path.stem == "semicolons" else ",")
    return path


@pytest.mark.usefixtures("session")
@pytest.mark.verify
@pytest.mark.parametrize(
    ("name", "steps"),
    [("semicolons.csv", "product"), ("log.jsonl", "min"), ("log.parquet", "last")],
)
def test_every_kind_of_table_is_read_as_duckdb_reads_it(
    name: str, steps: Steps, tmp_path: Path
) -> None:
    table = records(8, 4).drop(columns="reward")
    rng = np.random.default_rng(1)
    table["step_scores"] = [rng.random(rng.integers(1, 5)).tolist() for _ in range(len(table))]
    path = write(table, tmp_path / name)
    assert observations([path], engine="spark", steps=steps) == observations([path], steps=steps)


def test_a_spark_frame_needs_no_arrow_to_measure_what_its_file_measures(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(records(8, 4), tmp_path / "log.parquet")
    frame = session.read.parquet(str(path))

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("Arrow was used")

    for method in ("toArrow", "toPandas"):
        monkeypatch.setattr(type(frame), method, refuse)
    assert observations(frame) == observations([path])


@pytest.mark.usefixtures("session")
@pytest.mark.verify
def test_paths_of_records_and_of_counts_are_put_together(tmp_path: Path) -> None:
    counts = pd.DataFrame({"model": "third", "problem": range(3), "n": 4, "c": [0, 3, 4]})
    paths = [
        write(records(8, 4), tmp_path / "log.csv"),
        write(counts, tmp_path / "counts.csv"),
    ]
    assert observations(paths, engine="spark") == observations(paths)


@pytest.mark.usefixtures("session")
def test_bad_rows_are_refused_by_number_all_paths_at_once(tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    short.write_text("model,problem_id,correct\nm,1,1,extra\nm,2,1\nm,3\n")
    gone = tmp_path / "gone.csv"
    with pytest.raises(InputError) as caught:
        measure([short, gone], engine="spark")
    told = [(Path(p.where).name, p.what) for p in caught.value.problems]
    assert told == [
        ("short.csv", "2 rows cannot be split into cells"),
        ("gone.csv", "Spark finds no such file or folder"),
    ]
    kept = measure([short], engine="spark", options=LogOptions(skip_bad=True), terms=TERMS)
    assert {row.n_questions for row in kept.rows} == {1}


@pytest.mark.usefixtures("session")
@pytest.mark.verify
def test_files_of_different_columns_in_one_folder_are_never_mixed_up(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("model,problem_id,correct,level\nm,1,1,0\n")
    (tmp_path / "b.csv").write_text("model,problem_id,level,correct\nm,2,0,1\n")
    with pytest.raises(InputError, match="do not have the same columns"):
        measure([tmp_path], engine="spark")


@pytest.mark.usefixtures("session")
def test_a_format_that_spark_does_not_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tables of records and counts only"):
        measure([tmp_path], engine="spark", options=LogOptions("lm_eval"))
