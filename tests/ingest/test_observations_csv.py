"""Observations CSVs: what is understood, what is refused, and that nothing else can happen."""

from __future__ import annotations

import hashlib
import os
import random
import zipfile
from pathlib import Path

import pytest
from codebooks import load_codebook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.domain.observation import Observation, Observations
from planner.errors import MAX_PROBLEMS_SHOWN, InputError, Problem
from planner.ingest.fixtures import fixture_names, fixture_path
from planner.ingest.importers import IMPORTERS
from planner.ingest.observations_csv import read_observations

HEADER = "model,method,question_set,bucket,n_samples,accuracy,n_questions"
ROW = "llemma-7b,greedy,MATH-500,all,1,0.198,500"
WIDE = HEADER + ",params_b,verifier,verifier_params_b,depth,width,thinking_tokens,temperature"


def write(folder: Path, content: str | bytes, name: str = "obs.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def read(folder: Path, content: str | bytes) -> Observations:
    return read_observations(write(folder, content), "obs.csv")


def problems(folder: Path, content: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read(folder, content)
    return caught.value.problems


def only(folder: Path, content: str | bytes) -> Problem:
    found = problems(folder, content)
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


def codes(observations: Observations) -> set[str]:
    return {note.code for note in observations.notes}


# What is understood


def test_a_plain_file_is_read_with_notes_or_without_its_digest(tmp_path: Path) -> None:
    content = lines(HEADER, ROW)
    observations = read(tmp_path, content)
    (row,) = observations.rows
    assert (row.model, row.method, row.bucket) == ("llemma-7b", "greedy", "all")
    assert (row.n_samples, row.accuracy, row.n_questions) == (1, 0.198, 500)
    assert row.verifier is None
    assert row.params_b is None
    assert observations.places == ("obs.csv:2",)
    assert observations.digests == {"obs.csv": hashlib.sha256(content.encode()).hexdigest()}
    assert observations.notes == ()


def test_the_name_in_messages_is_not_the_path_as_given(tmp_path: Path) -> None:
    path = write(tmp_path, lines(HEADER, ROW))
    assert list(read_observations(path).digests) == [str(path)]


@pytest.mark.parametrize(
    ("encoding", "code"),
    [("utf-8-sig", "bom"), ("utf-16", "utf16"), ("utf-16-le", "utf16"), ("utf-16-be", "utf16"),
     ("utf-32", "utf32")],
)  # fmt: skip
def test_an_encoding_of_spreadsheets_is_not_understood(
    tmp_path: Path, encoding: str, code: str
) -> None:
    observations = read(tmp_path, lines(HEADER, ROW).encode(encoding))
    assert observations.rows == read(tmp_path, lines(HEADER, ROW)).rows
    assert codes(observations) == {code}


def test_windows_1252_is_taken_for_utf_8(tmp_path: Path) -> None:
    observations = read(tmp_path, lines(HEADER, ROW.replace("llemma", "modèle")).encode("cp1252"))
    assert observations.rows[0].model == "modèle-7b"
    assert codes(observations) == {"cp1252"}


def test_semicolons_and_decimal_commas_of_a_german_spreadsheet_are_misread(tmp_path: Path) -> None:
    content = lines(HEADER, ROW).replace(",", ";").replace("0.198", "0,198")
    observations = read(tmp_path, content)
    assert observations.rows[0].accuracy == 0.198
    assert codes(observations) == {"semicolons", "decimal_comma"}


def test_tabs_and_a_spreadsheets_sep_line_are_misread(tmp_path: Path) -> None:
    tabs = read(tmp_path, lines(HEADER, ROW).replace(",", "\t"))
    assert codes(tabs) == {"tabs"}
    sep = read(tmp_path, lines("sep=;", *lines(HEADER, ROW).replace(",", ";").splitlines()))
    assert sep.rows == tabs.rows
    assert sep.places == ("obs.csv:3",)


@pytest.mark.parametrize("cell", ["66.2%", "66.2 %", '"66,2%"', '"66,2 %"'])
def test_a_percent_sign_is_rescaled_wrongly(tmp_path: Path, cell: str) -> None:
    observations = read(tmp_path, lines(HEADER, ROW.replace("0.198", cell)))
    assert observations.rows[0].accuracy == 0.662
    assert "percent" in codes(observations)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_or_blank_lines_move_the_line_numbers(tmp_path: Path, ending: str) -> None:
    content = ending.join([HEADER, "", ROW, ",,,,,,", ROW.replace("all", "level 1"), "", ""])
    observations = read(tmp_path, content.encode())
    assert observations.places == ("obs.csv:3", "obs.csv:5")


def test_a_newline_within_quotes_moves_the_line_numbers(tmp_path: Path) -> None:
    content = lines(
        HEADER + ",source",
        ROW + ',"a table,\nthen\na figure"',
        ROW.replace("all", "level 1") + ",plain",
    )
    observations = read(tmp_path, content)
    assert observations.places == ("obs.csv:2", "obs.csv:5")
    assert observations.rows[0].source == "a table, then a figure"


def test_every_cell_of_an_endless_header_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ",".join([HEADER] * 2_000))
    assert problem.where.endswith("obs.csv:1")
    assert "more than 10,000 cells" in problem.what
    assert problem.value == "14,000"


def test_header_spelling_is_refused_or_not_noted(tmp_path: Path) -> None:
    content = lines(" Model,METHOD,Question Set,bucket,N-Samples,Accuracy,n_questions", ROW)
    observations = read(tmp_path, content)
    assert observations.rows == read(tmp_path, lines(HEADER, ROW)).rows
    (note,) = observations.notes
    assert note.code == "header"
    assert "'Question Set' as question_set" in note.message


@pytest.mark.parametrize("spelling", ["Majority-Vote", "majority vote", "MAJORITY_VOTE"])
def test_method_spelling_is_refused_or_not_noted(tmp_path: Path, spelling: str) -> None:
    observations = read(tmp_path, lines(HEADER, f"m,{spelling},s,all,4,0.5,100"))
    assert observations.rows[0].method == "majority_vote"
    assert codes(observations) == {"method"}


def test_whole_numbers_with_zeros_behind_the_point_are_refused(tmp_path: Path) -> None:
    observations = read(tmp_path, lines(HEADER, "m,majority_vote,s,all,16.0,0.5,1e2"))
    assert (observations.rows[0].n_samples, observations.rows[0].n_questions) == (16, 100)
    assert isinstance(observations.rows[0].n_samples, int)
    assert codes(observations) == {"whole"}


def test_harmless_columns_are_refused_or_left_without_a_note(tmp_path: Path) -> None:
    content = lines(f",{HEADER},Notes,provenance", f"0,{ROW},seen twice,figure")
    observations = read(tmp_path, content)
    assert len(observations.rows) == 1
    (note,) = observations.notes
    assert note.code == "ignored_columns"
    assert "Notes, provenance" in note.message


def test_a_missing_question_set_is_not_the_buckets_name(tmp_path: Path) -> None:
    column = read(tmp_path, lines(HEADER.replace("question_set,", ""), "m,greedy,MATH,1,0.5,100"))
    cell = read(tmp_path, lines(HEADER, "m,greedy,,MATH,1,0.5,100"))
    assert column.rows == cell.rows
    assert column.rows[0].question_set == "MATH"
    assert codes(column) == codes(cell) == {"question_set"}


def test_question_counts_that_differ_are_refused_or_not_noted(tmp_path: Path) -> None:
    content = lines(HEADER, ROW, "other,greedy,MATH-500,all,1,0.3,498")
    (note,) = read(tmp_path, content).notes
    assert note.code == "n_questions_differ"
    assert "500 questions (first on line 2), 498 questions (first on line 3)" in note.message


def test_trailing_separators_are_refused(tmp_path: Path) -> None:
    assert len(read(tmp_path, lines(HEADER, ROW + ",,,")).rows) == 1


@pytest.mark.parametrize("name", fixture_names())
def test_a_bundled_fixture_is_refused_or_needs_repair(name: str) -> None:
    observations = read_observations(fixture_path(name), name)
    assert len(observations.rows) == load_codebook(name).rows
    assert observations.digests[name] == load_codebook(name).sha256
    assert not observations.notes


# What is refused: each with a place, and words that say what to do

BROKEN_ROWS = {
    "bare percentage": ("m,greedy,s,all,1,66.2,100", "accuracy", "66.2", "0.662 or 66.2%"),
    "accuracy above 1": ("m,greedy,s,all,1,1.3,100", "accuracy", "1.3", "0.013 or 1.3%"),
    "percentage above 100": ("m,greedy,s,all,1,130%,100", "accuracy", "130%", "between 0 and 1"),
    "negative accuracy": ("m,greedy,s,all,1,-0.2,100", "accuracy", "-0.2", "at least 0"),
    "NaN": ("m,greedy,s,all,1,NaN,100", "accuracy", "NaN", "leave out the row"),
    "infinity": ("m,greedy,s,all,1,0.2,inf", "n_questions", "inf", "leave out the row"),
    "text for a number": ("m,greedy,s,all,1,good,100", "accuracy", "good", "0.662 or 66.2%"),
    "too large": ("m,majority_vote,s,all,1e400,0.5,100", "n_samples", "1e400", "can be real"),
    "half a sample": ("m,majority_vote,s,all,2.5,0.5,100", "n_samples", "2.5", "whole number"),
    "no question": ("m,greedy,s,all,1,0.5,0", "n_questions", "0", "at least 1"),
    "no sample": ("m,majority_vote,s,all,0,0.5,100", "n_samples", "0", "at least 1"),
    "thousands": ('m,greedy,s,all,1,0.5,"1,319"', "n_questions", "1,319", "write 1319"),
    "european thousands": ("m,greedy,s,all,1,0.5,1.319", "n_questions", "1.319", "1319 or 1"),
    "thousands, blank": ("m,greedy,s,all,1,0.5,1 319", "n_questions", "1 319", "such as 1319"),
    "percent of questions": ("m,greedy,s,all,1,0.5,50%", "n_questions", "50%", "plain number"),
    "unknown method": ("m,majority voting,s,all,4,0.5,9", "method", "majority voting",
                       "did you mean majority_vote?"),
    "paper's name of a method": ("m,maj@8,s,all,8,0.5,9", "method", "maj@8",
                                 "did you mean majority_vote?"),
    "greedy with samples": ("m,greedy,s,all,16,0.5,9", "n_samples", "16", "write 1, or"),
    "empty model": (",greedy,s,all,1,0.5,9", "model", None, "fill it"),
    "empty bucket": ("m,greedy,s,,1,0.5,9", "bucket", None, "`all`"),
    "empty n": ("m,greedy,s,all,,0.5,9", "n_samples", None, "write 1 for greedy"),
    "verifier left out": ("m,best_of_n,s,all,4,0.5,9", "verifier", None, "reward model"),
    "verifier of a vote": ("m,majority_vote,s,all,4,0.5,9,,prm", "verifier", "prm",
                           "weighted_vote"),
    "size of no verifier": ("m,greedy,s,all,1,0.5,9,,,7", "verifier_params_b", "7", "name it"),
    "depth of a vote": ("m,majority_vote,s,all,4,0.5,9,,,,3", "depth", "3", "empty"),
    "width of a vote": ("m,majority_vote,s,all,4,0.5,9,,,,,4", "width", "4", "empty"),
    "thinking without thinking": ("m,greedy,s,all,1,0.5,9,,,,,,512", "thinking_tokens", "512",
                                  "long_cot"),
    "warm greedy": ("m,greedy,s,all,1,0.5,9,,,,,,,0.7", "temperature", "0.7", "sampled"),
    "model of no size": ("m,greedy,s,all,1,0.5,9,0", "params_b", "0", "above 0"),
    "unseen characters": ("m\u200b,greedy,s,all,1,0.5,9", "model", "m\u200b", "anew"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN_ROWS)
def test_a_broken_row_is_accepted_or_its_place_is_wrong(tmp_path: Path, broken: str) -> None:
    row, column, value, remedy = BROKEN_ROWS[broken]
    row += "," * (WIDE.count(",") - row.replace('"1,319"', "").count(","))
    good = ROW + "," * (WIDE.count(",") - ROW.count(","))
    problem = only(tmp_path, lines(WIDE, good, row))
    assert (problem.where, problem.column, problem.value) == ("obs.csv:3", column, value)
    assert problem.remedy is not None
    assert remedy in problem.remedy


def test_decimal_commas_that_could_be_thousands_are_guessed(tmp_path: Path) -> None:
    content = lines(HEADER + ",output_tokens", ROW + ',"1,024"')
    problem = only(tmp_path, content)
    assert (problem.column, problem.value) == ("output_tokens", "1,024")
    assert problem.remedy == "write 1024 or 1.024"


BROKEN_FILES: dict[str, tuple[str | bytes, str, str]] = {
    "empty": (b"", "empty", HEADER.replace("question_set,", "")),
    "blank lines": ("\n\n  \n", "empty", "model,method"),
    "header only": (HEADER + "\n", "no row", "one row"),
    "no header": (lines(ROW, ROW), "not a header", "model,method"),
    "binary": (b"model\x00\x01\x02,method\n\xff\xfe", "text", "UTF-8"),
    "control characters": (HEADER.encode() + b"\nm\x1b[31m,greedy", "control", "UTF-8"),
    "not text in any encoding": (b"model\n\x81\x8d\x8f\xff", "text", "UTF-8"),
    "workbook": (b"PK\x03\x04rest", "spreadsheet", "save the sheet as CSV"),
    "compressed": (b"\x1f\x8brest", "gzip", "unpack"),
    "half a UTF-16 character": (HEADER.encode("utf-16") + b"\x00", "UTF-16", "UTF-8"),
    "open quote": (lines(HEADER, ROW, ROW.replace("llemma", '"llemma')), "quotation", "close it"),
    "text after a quote": (lines(HEADER, ROW.replace("llemma-7b", '"a"b')), "quotation", "twice"),
    "endless cell": (lines(HEADER, ROW + "," + "x" * 200_000), "131,072 characters", "shorten"),
    "short row": (lines(HEADER, "m,greedy,s"), "3 cells, the header 7", "separators"),
    "long row": (lines(HEADER, ROW.replace("0.198", "0,198")), "8 cells, the header 7", "decimal"),
    "comment": (lines(HEADER, "# measured in May", ROW), "1 cells", "no comments"),
    "unknown column": (lines(HEADER + ",verifer", ROW + ",x"), "no such column", "verifier?"),
    "strange column": (lines(HEADER + ",zebra", ROW + ",x"), "no such column", "columns are"),
    "column twice": (lines(HEADER + ",Model", ROW + ",x"), "twice", ""),
}


@pytest.mark.parametrize("broken", BROKEN_FILES)
def test_a_broken_file_is_accepted_or_its_message_helps_nobody(tmp_path: Path, broken: str) -> None:
    content, what, remedy = BROKEN_FILES[broken]
    problem = only(tmp_path, content)
    assert problem.where.startswith("obs.csv")
    assert what in problem.what
    assert remedy in (problem.remedy or "")


def test_an_open_quote_hides_the_problems_above_it(tmp_path: Path) -> None:
    found = problems(tmp_path, lines(HEADER, "m,greedy,s,all,2,0.5,9", '"open,greedy', ROW))
    assert sorted(p.where for p in found) == ["obs.csv:2", "obs.csv:3"]


def test_missing_columns_are_named_one_at_a_time(tmp_path: Path) -> None:
    found = problems(tmp_path, lines("model,n,acc", "m,4,0.5"))
    missing = [p.column for p in found if "lacks" in p.what]
    assert missing == ["method", "bucket", "n_samples", "accuracy", "n_questions"]
    remedies = {p.column: p.remedy for p in found if "no such column" in p.what}
    assert remedies == {"n": "did you mean n_samples?", "acc": "did you mean accuracy?"}


def test_a_column_of_percentages_by_its_name_is_read_as_accuracy(tmp_path: Path) -> None:
    found = problems(tmp_path, lines(HEADER.replace("accuracy", "accuracy_pct"), ROW))
    assert any(p.column == "accuracy_pct" and "66.2%" in (p.remedy or "") for p in found)


def test_only_the_first_problem_of_a_file_is_told(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        lines(HEADER, "m,greedy,s,all,16,66.2,0", "m,greed,s,,1,0.5,9", "m,greedy", ROW),
    )
    assert {(p.where, p.column) for p in found} == {
        ("obs.csv:2", "n_samples"), ("obs.csv:2", "accuracy"), ("obs.csv:2", "n_questions"),
        ("obs.csv:3", "method"), ("obs.csv:3", "bucket"), ("obs.csv:4", None),
    }  # fmt: skip


def test_a_duplicate_does_not_name_both_lines(tmp_path: Path) -> None:
    same = ROW.replace("0.198", "0.201")
    problem = only(tmp_path, lines(HEADER, ROW, "other,greedy,MATH-500,all,1,0.2,500", same))
    assert problem.where == "obs.csv:4"
    assert "line 2" in problem.what
    assert "0.198 there and 0.201 here" in problem.what


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [("temperature", "0.6", "0.7"), ("verifier", "a-prm", "b-prm"), ("thinking_tokens", "512", "")],
)
def test_rows_that_differ_in_a_key_are_called_duplicates(
    tmp_path: Path, column: str, first: str, second: str
) -> None:
    method = "weighted_vote" if column == "verifier" else "majority_vote"
    rows = [f"m,{method},s,all,4,0.5,100,{cell}" for cell in (first, second)]
    assert len(read(tmp_path, lines(f"{HEADER},{column}", *rows)).rows) == 2


def test_one_model_with_two_sizes_passes_or_lacks_a_line(tmp_path: Path) -> None:
    rows = ["m,greedy,s,all,1,0.5,100,7", "m,sampled,s,all,1,0.5,100,", "m,greedy,t,all,1,0.5,9,8"]
    problem = only(tmp_path, lines(HEADER + ",params_b", *rows))
    assert (problem.where, problem.column) == ("obs.csv:4", "params_b")
    assert "7 on line 2 and 8 here" in problem.what


def test_problems_beyond_those_kept_are_not_counted(tmp_path: Path) -> None:
    bad = [f"m{i},greedy,s,all,1,66.2,100" for i in range(1500)]
    with pytest.raises(InputError, match=r"1500 problems in obs\.csv") as caught:
        read(tmp_path, lines(HEADER, *bad))
    assert str(caught.value).count("obs.csv:") == MAX_PROBLEMS_SHOWN


# What is no readable file


def test_a_missing_file_does_not_suggest_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, "", "observations.csv")
    with pytest.raises(InputError, match=r"no such file(?s:.)*did you mean .*observations\.csv\?"):
        read_observations(tmp_path / "observation.csv")
    with pytest.raises(InputError, match="no folder"):
        read_observations(tmp_path / "nowhere" / "obs.csv")


def test_a_folder_is_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder, not a file"):
        read_observations(tmp_path)


def test_a_name_that_no_file_can_have_is_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_observations(tmp_path / "a\0b.csv")
    with pytest.raises(InputError):
        read_observations(tmp_path / ("x" * 5000))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_a_traceback(tmp_path: Path) -> None:
    path = write(tmp_path, lines(HEADER, ROW))
    path.chmod(0)
    with pytest.raises(InputError, match="may not be read"):
        read_observations(path)


def test_a_huge_file_is_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(10 * 1024**3)
    with pytest.raises(InputError, match="larger than 64 MiB"):
        read_observations(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_a_device_without_end_is_read_for_ever() -> None:
    with pytest.raises(InputError, match="larger than"):
        read_observations(Path("/dev/zero"))


def test_a_member_of_an_archive_cannot_be_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("obs.csv", lines(HEADER, ROW))
    member = zipfile.Path(tmp_path / "data.zip", "obs.csv")
    assert list(read_observations(member).digests) == ["obs.csv"]


# Every importer


@pytest.mark.parametrize("name", IMPORTERS)
def test_an_importer_breaks_its_contract(tmp_path: Path, name: str) -> None:
    importer = IMPORTERS[name]
    assert importer.name == name
    assert importer.label
    assert not importer.sniff("")
    assert not importer.sniff("\x89PNG")
    for content in (b"", b"\x89PNG\r\n\x1a\n", b"{}", b'{"a": [1, 2'):
        with pytest.raises(InputError):
            importer.read(write(tmp_path, content))


def test_the_importer_of_observations_does_not_know_its_own() -> None:
    importer = IMPORTERS["observations_csv"]
    for name in fixture_names():
        assert importer.sniff(fixture_path(name).read_text(encoding="utf-8")[:500])
    assert importer.sniff("Model;Method;Accuracy\n")
    assert not importer.sniff("model,problem_id,sample,correct\n")


# Whatever is in the file, the only error is the one with a message

VALID = lines(
    WIDE,
    "m,greedy,s,all,1,0.5,100,7,,,,,,0",
    'm,majority_vote,s,all,4,"55.1%",100,7,,,,,,0.7',
    "m,best_of_n,s,level 1,16,0.6,50,7,a-prm,7,,,,0.7",
    "m,beam_search,s,level 2,16,0.6,50,7,a-prm,7,40,4,,0.7",
    "t,long_cot,s,all,1,0.8,100,,,,,,4096,",
)
SPLICES = [",", ";", '"', "\n", "\r", "\t", "\0", "%", "nan", "1e999", "-1", "0", "é", "\ufeff",
           "１", "1,5", "majority", "=cmd()", "\u2028", "9" * 400]  # fmt: skip


def survives(folder: Path, content: bytes) -> None:
    path = write(folder, content)
    refused: tuple[Problem, ...] = ()
    rows: tuple[Observation, ...] = ()
    try:
        rows = read_observations(path).rows
    except InputError as error:
        refused = error.problems
    assert bool(rows) != bool(refused)
    assert all(str(path) in problem.where and problem.what for problem in refused)
    assert all(0 <= row.accuracy <= 1 and row.n_samples >= 1 for row in rows)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_random_bytes_are_a_traceback(tmp_path: Path, content: bytes) -> None:
    survives(tmp_path, content)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    edits=st.integers(1, 6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_a_damaged_file_is_a_traceback(
    tmp_path: Path, seed: int, edits: int, encoding: str
) -> None:
    rng = random.Random(seed)
    text = VALID
    for _ in range(edits):
        at, length = rng.randrange(len(text)), rng.choice([0, 1, 1, 5, 40])
        text = text[:at] + rng.choice([*SPLICES, ""]) + text[at + length :]
    survives(tmp_path, text.encode(encoding, errors="replace"))


def test_the_file_that_is_damaged_was_not_valid(tmp_path: Path) -> None:
    assert len(read(tmp_path, VALID).rows) == 5


def test_a_log_given_for_observations_is_told_what_makes_some_of_it(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("model,problem_id,n_total,n_correct\nm,q1,10,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="`planner measure` makes observations of it"):
        read_observations(path)


def test_more_samples_than_can_be_meant_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "obs.csv"
    header = "model,method,question_set,bucket,n_samples,accuracy,n_questions"
    path.write_text(f"{header}\nm,majority_vote,Q,all,{10**13},0.5,100\n", encoding="utf-8")
    with pytest.raises(InputError, match="at most"):
        read_observations(path)
