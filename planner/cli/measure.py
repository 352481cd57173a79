"""planner measure: evaluation logs to observations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli._common import Debug, Json, Quiet, Seed, guarded, print_json, say, suggest
from planner.cli._progress import bytes_read


def command(
    logs: Annotated[
        list[str],
        typer.Argument(
            metavar="LOGS...",
            help="Files, folders or globs: records as CSV, JSONL or Parquet, counts per problem, "
            "lm-evaluation-harness, inspect_ai, saved counts; gzip and Zstandard too.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="CSV", help="Write the observations."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="Sample counts to measure, 1,2,5,10; else powers of two and all."
        ),
    ] = None,
    log_format: Annotated[
        str | None, typer.Option("--format", help="Format of the logs, where it is not told.")
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            help="Difficulty buckets: given, none, quantiles, thresholds, pooled, verifier, "
            "agreement. Given levels where there are any.",
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option("--reference", metavar="MODEL", help="Model that difficulty refers to."),
    ] = None,
    buckets: Annotated[
        int, typer.Option("--buckets", min=2, max=100, help="How many quantiles.")
    ] = 5,
    signal_samples: Annotated[
        int,
        typer.Option(
            "--signal-samples",
            min=1,
            help="Samples that a router draws to tell the bucket (verifier, agreement).",
        ),
    ] = 4,
    steps: Annotated[
        str, typer.Option("--steps", help="Score of a sample from its steps: min, product, last.")
    ] = "last",
    verifier: Annotated[
        str | None,
        typer.Option("--verifier", metavar="NAME", help="Verifier of scores that name none."),
    ] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="Score from which a sample passes the verifier.")
    ] = 0.5,
    question_set: Annotated[
        str | None,
        typer.Option("--question-set", metavar="NAME", help="Question set of logs that name none."),
    ] = None,
    lm_filter: Annotated[
        str | None, typer.Option("--filter", help="Filter to read (lm-evaluation-harness).")
    ] = None,
    scorer: Annotated[
        str | None, typer.Option("--scorer", help="Scorer to read (inspect_ai).")
    ] = None,
    adaptive: Annotated[
        bool,
        typer.Option("--adaptive", help="Sampling went on until an answer was right."),
    ] = False,
    min_samples: Annotated[
        int,
        typer.Option("--min-samples", min=1, help="Leave out problems with fewer samples."),
    ] = 1,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out what is broken, and count it.")
    ] = False,
    counts: Annotated[
        Path | None,
        typer.Option(
            "--counts",
            metavar="X.counts.parquet",
            help="Write saved counts, to be measured with others.",
        ),
    ] = None,
    memory: Annotated[
        str, typer.Option("--memory", help="Memory before work goes on on disk: 500MB, 4GB.")
    ] = "1GB",
    engine: Annotated[
        str,
        typer.Option("--engine", help="What counts the records: duckdb, spark (tables only)."),
    ] = "duckdb",
    master: Annotated[
        str,
        typer.Option(
            "--master",
            metavar="URL",
            help="Spark's cluster, which must see LOGS: local[*], spark://HOST:7077, yarn.",
        ),
    ] = "local[*]",
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Turn evaluation logs into observations by difficulty bucket."""
    with guarded(debug):
        from planner import pipeline
        from planner.ingest.logs.reading import LogOptions
        from planner.measure.estimates import Asked
        from planner.measure.measuring import Terms
        from planner.report import terminal_measured

        options = LogOptions(log_format, skip_bad, question_set, verifier, lm_filter, scorer)
        asked = Asked(None if at is None else pipeline.sample_counts(at), adaptive, seed=seed)
        wish = pipeline.partition_wish(partition, reference, buckets, signal_samples)
        terms = Terms(asked, wish, min_samples=min_samples, threshold=threshold)
        with bytes_read("reading logs", quiet or json) as progress:
            found = pipeline.measure(
                logs,
                output,
                options=options,
                terms=terms,
                steps=pipeline.step_scores(steps),
                counts=counts,
                memory=memory,
                engine=engine,
                master=master,
                progress=progress,
            )
        if json:
            print_json(found.to_json())
            return
        terminal_measured.print_measured(found.rows, found.measured, quiet=quiet)
        for written in (output, counts):
            if written is not None:
                say(f"wrote {written}")
        if output is not None:
            suggest("fit", output)
        elif counts is None:
            say("nothing was written: add -o obs.csv to keep the observations")
