"""The run's tables go out as they are: as CSV, and as a workbook in which no name is a formula."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, read_table, write_csv, write_json, write_table
from pipeline.columns import dictionary
from pipeline.ethology.durations.tables import GAPS
from pipeline.export.results import ETHOGRAM, VIDEOS
from pipeline.formats import workbook
from pipeline.tables import BOUTS, INDIVIDUALS, TIME_BUDGETS
from tests.export.made import finished_run
from tests.formats.labels import write

openpyxl = pytest.importorskip("openpyxl")

HOSTILE = '=HYPERLINK("http://x")'
TRACKS = {"a.mp4": {1: [range(100)], 2: [range(100)], 3: [range(100)]}}
BOUTS_OF = {"a.mp4": [(1, "Walk", 0, 40, 0.9), (1, "unknown", 40, 100, 0.5), (2, "Graze", 0, 100, 0.8)]}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """With a table and a graph of what goes deeper, and a dictionary that tells of a table which is not there."""
    names = {("a.mp4", 1): HOSTILE, ("a.mp4", 2): "-Löwe\u0001"}
    run = finished_run(tmp_path / "run", TRACKS, BOUTS_OF, names)
    write_table(run / "tables" / "bouts" / "gaps.csv", GAPS.empty(), GAPS)
    for suffix in ("dot", "graphml"):
        write(run / "tables" / "sequences" / f"behaviour.{suffix}", suffix)
    write_csv(run / "tables" / "dictionary.csv", dictionary((BOUTS, INDIVIDUALS, GAPS, TIME_BUDGETS)))
    return run


def export(run: Path, kind: str) -> Path:
    out = run.parent / "out"
    assert cli.main(["export", str(run), f"format={kind}", f"out={out}"]) == 0
    return out / kind


def test_the_tables_are_the_runs_own_with_a_dictionary_of_every_column(run: Path) -> None:
    strange = ("observations_template.csv", "bouts.edited1.csv", ".part-bouts.csv", "bouts/gaps.edited2.csv")
    for name in strange:
        write(run / "tables" / name, "video\na.mp4\n")
    out = export(run, "tidy")
    names = ["bouts.csv", "bouts/gaps.csv", "dictionary.csv", "ethogram.csv", "individuals.csv", "videos.csv"]
    graphs = ["sequences/behaviour.dot", "sequences/behaviour.graphml"]
    found = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert found == sorted([*names, *graphs])  # and no template, which holds nothing, and none of what is not the run's
    for name in ("bouts.csv", "individuals.csv", "bouts/gaps.csv", *graphs):
        assert (out / name).read_bytes() == (run / "tables" / name).read_bytes()
    assert read_table(out / "videos.csv", VIDEOS).to_numpy().tolist() == [
        ["a.mp4", "/footage/a.mp4", 1920, 1080, 10.0, 100, 10.0]
    ]
    assert read_table(out / "ethogram.csv", ETHOGRAM)["behaviour"].tolist() == ["Walk", "Graze"]
    told = pd.read_csv(out / "dictionary.csv")
    tables = {Path(name).stem: pd.read_csv(out / name).columns.tolist() for name in names if name != "dictionary.csv"}
    assert told.groupby("table")["column"].agg(list).to_dict() == tables  # no table that was not asked for either
    assert told["meaning"].notna().all()


def test_the_workbook_holds_the_same_and_no_formula(run: Path) -> None:
    book = openpyxl.load_workbook(export(run, "xlsx") / "run.xlsx")
    assert book.sheetnames == ["dictionary", "bouts", "individuals", "gaps", "videos", "ethogram"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert book["bouts"]["A2"].value == HOSTILE
    assert book["bouts"]["A2"].quotePrefix
    assert [row[2].value for row in book["individuals"].iter_rows(min_row=2)] == [HOSTILE, "-Löwe\ufffd", None]
    rows = [[cell.value for cell in row] for row in book["bouts"].iter_rows()]
    back = BOUTS.cast(pd.DataFrame(rows[1:], columns=rows[0]))
    known = read_table(run / "tables" / "bouts.csv", BOUTS)
    pd.testing.assert_frame_equal(back, known.replace("-Löwe\u0001", "-Löwe\ufffd"))
    kinds = {name: type(value) for name, value in zip(rows[0], rows[1], strict=True)}
    assert (kinds["track"], kinds["confidence"], kinds["censored_start"]) == (int, float, bool)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("xlsx", "bouts has 3 rows, and a sheet takes 3 with its head; take format=tidy"),
        ("missing", "openpyxl not installed, and format=xlsx needs it: pip install 'ethopipe[excel]'; or take format="),
        ("broken", "has no tables: it broke off; give the command that made it again"),
    ],
)
def test_what_cannot_be(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str, fault: str
) -> None:
    if kind == "xlsx":
        monkeypatch.setattr("pipeline.export.results.MOST_ROWS", 3)
    elif kind == "missing":
        monkeypatch.setattr("pipeline.export.results.find_spec", lambda name: None)
    else:
        shutil.rmtree(run / "tables")
    assert cli.main(["export", str(run), "format=xlsx", f"out={run.parent / 'out'}"]) == 1
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1
    assert not (run.parent / "out").exists()
    assert workbook.MOST_ROWS == 2**20


def test_a_run_that_was_stopped_is_told(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = read_object(run / "run.json")
    write_json(run / "run.json", told | {"videos": told["videos"] | {"b.mp4": {"path": "b.mp4", "status": "waiting"}}})
    export(run, "tidy")
    assert f"warning  {run} was stopped before 1 of its 2 videos; give its command again" in capsys.readouterr().err


def test_results_have_a_folder_of_their_own_where_none_is_named(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.parent)
    for words in (["run=run", "format=tidy"], ["run", "format=[xlsx,tidy]"], ["run", "format=csv", "unit=video"]):
        assert cli.main(["export", *words]) == 0
    found = sorted(path.relative_to("exports").as_posix() for path in Path("exports").glob("*/*"))
    assert found == ["run-tidy/tidy", "run-xlsx-and-1-more/tidy", "run-xlsx-and-1-more/xlsx", *(
        f"run/{name}" for name in ("chosen.csv", "labels.csv")
    )]  # fmt: skip
