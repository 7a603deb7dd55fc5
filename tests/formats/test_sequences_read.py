"""Timed sequences of GSEQ, JWatcher's data files and Excel sheets, read back as intervals."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import MissingPart, TableError
from pipeline.formats.jwatcher import read_focal
from pipeline.formats.read_intervals import read_intervals
from pipeline.formats.sdis import read_sdis
from tests.export.test_sequences import BOUTS, WORDS, export, run
from tests.formats.labels import real, write

__all__ = ["run"]
RATE = 10.0  # of the run made by hand


def told(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    names = ["video", "subject", "behaviour", "start_s", "stop_s"]
    return sorted(rows[names].itertuples(index=False, name=None))


def made(subject: str, lost: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """What the run says of each animal, an event with its start alone, without the words ``lost``."""
    names = {("a.mp4", 1): subject, ("b/c.mp4", 1): subject, ("a.mp4", 2): "a.mp4#2"}
    return sorted(
        (key, names[key, track], word, first / RATE, (first if word == "snort" else stop) / RATE)
        for key, bouts in BOUTS.items()
        for track, word, first, stop, _ in bouts
        if word not in lost
    )


def test_sessions_of_gseq_are_the_bouts(run: Path) -> None:
    rows = told(read_sdis(export(run, "sdis") / "behaviour.sds"))
    lost = ("a.mp4", "Tu (maini)", "snort", 4.7, 4.7)  # while the state was not known, which GSEQ has no place for
    assert sorted([*rows, lost]) == made("Tu (maini)", ("unknown", "not visible"))


def test_data_files_of_jwatcher_are_the_bouts(run: Path) -> None:
    rows = read_intervals([export(run, "jwatcher") / "behaviour"])
    assert told(rows[rows["behaviour"] != "not visible"]) == made("Tu <maini>", ("unknown", "not visible"))
    away = [row[:2] + row[3:] for row in told(rows[rows["behaviour"] == "not visible"])]
    # not recognized; the hole and what was not visible; what was before the track
    assert away == [("a.mp4", "Tu <maini>", 4.5, 5.0), ("a.mp4", "a.mp4#2", 3.0, 8.0), ("b/c.mp4", "Tu <maini>", 0, 2)]


def test_a_data_file_of_boris_names_its_animal_by_its_own_name() -> None:
    rows = read_intervals([real() / "boris" / "test_jwatcher_subject1.dat"])
    subject = "test_jwatcher_subject1"
    assert told(rows) == [
        ("", subject, "s", 3.3, 9.9),
        ("", subject, "s", 9.9, 18.35),
        ("", subject, "s", 18.35, 24.475),
    ]
    assert rows["place"].iloc[0] == "test_jwatcher_subject1.dat, line 18"


def test_escapes_of_a_master_file(tmp_path: Path) -> None:
    write(tmp_path / "m.fmf", "Behaviour.name.w=W\\u00e4lzen\\\\\\ud83e\\udd93\nBehaviour.description.w=event\n")
    path = write(tmp_path / "a.dat", "FirstLineOfData=3\nFocalMasterFile=C:\\old\\m.fmf\n100, w\n200, g\n900, EOF\n")
    assert told(read_focal(path)) == [("", "a", "Wälzen\\🦓", 0.1, 0.1), ("", "a", "g", 0.2, 0.9)]


PLACES = {"1": "2", "2": "1", "u": "i", "i": "u", "k": "1,2"}  # where it is; active or not; solved, which takes it away


def of_jwatcher(folder: Path, name: str, **told: str) -> None:
    """An analysis of JWatcher's, as it writes them: Java's properties, on another machine."""
    lines = ["FocalMasterFile=D\\:\\\\bees\\\\m.fmf", *(f"{key}={value}" for key, value in told.items())]
    lines += [f"Behavior.switchesOff.{key}={off}" for key, off in PLACES.items()]
    write(folder / name, "\n".join([*lines, "Behavior.isEventAnalyzed.k=true", "OutOfSightCode=x"]))


def test_an_analysis_says_which_keys_switch_which_off(tmp_path: Path) -> None:
    pressed = "0, u\n100, 1\n200, i\n300, 2\n400, 2\n600, k\n700, x\n800, u\n900, EOF\n"
    path = write(tmp_path / "a.dat", f"FirstLineOfData=3\nFocalMasterFile=m.fmf\n{pressed}")
    of_jwatcher(tmp_path, "a.faf", AllCodesMutuallyExclusive="false")
    assert told(read_focal(path)) == [
        ("", "a", "1", 0.1, 0.3),  # until 2, whatever else was pressed
        ("", "a", "2", 0.3, 0.4),  # by itself
        ("", "a", "2", 0.4, 0.6),  # by the event
        ("", "a", "i", 0.2, 0.8),
        ("", "a", "k", 0.6, 0.6),
        ("", "a", "not visible", 0.7, 0.9),
        ("", "a", "u", 0.0, 0.2),
        ("", "a", "u", 0.8, 0.9),
    ]
    write(tmp_path / "other.faf", "FocalMasterFile=n.fmf\nAllCodesMutuallyExclusive=true\n")  # of other data
    assert len(read_focal(path)) == 8
    of_jwatcher(tmp_path, "b.faf", AllCodesMutuallyExclusive="true")
    with pytest.raises(TableError, match=r"a.dat: a.faf and b.faf say differently which keys .*; leave one of them"):
        read_focal(path)
    (tmp_path / "a.faf").unlink()
    rows = told(read_focal(path))
    assert ("", "a", "1", 0.1, 0.2) in rows and ("", "a", "x", 0.7, 0.8) not in rows  # one key after another


HEAD = "Timed (Walk Graze);\n<Ama>\n"


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.sds", HEAD + "Walk,0-4 Graze;\nWalk/", "line 3: 'Graze' is no code with its onset or onset-offset"),
        ("a.sds", HEAD + "Walk,4-1/", "line 3: stops at 1 before it starts at 4"),
        ("a.sds", "Event (Walk);\n<Ama>\nWalk Graze/", "Event sequences; only Timed ones say when"),
        ("a.sds", HEAD, "no labelled interval in it"),
        ("a.dat", "FirstLineOfData=2\n100, w\n", "its last line is no EOF"),
        ("a.dat", "FirstLineOfData=2\n100 w\nx\n", "line 2: neither milliseconds and a key.*line 3: neither"),
        ("a.dat", "FirstLineOfData=2\nnow, w\n900, EOF\n", "line 2: ms must be a number, got 'now'"),
        ("a.dat", "FirstLineOfData=2\n950, w\n900, EOF\n", "line 2: stops at 0.9 before it starts at 0.95"),
        ("a.xlsx", "no workbook", "cannot read .*a.xlsx as a workbook: File is not a zip file"),
    ],
)
def test_what_cannot_be(tmp_path: Path, name: str, text: str, fault: str) -> None:
    if name.endswith("xlsx"):
        pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    with pytest.raises(TableError, match=fault):
        read_intervals([write(tmp_path / name, text)])


def test_names_that_a_file_beside_lacks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dat", "FirstLineOfData=2\n100, w\n900, EOF\n")
    write(tmp_path / "files.csv", "file,video,subject\nb.dat,b.mp4,Ama\n")
    with pytest.raises(TableError, match=r"files.csv: no line for a.dat"):
        read_focal(path)
    write(tmp_path / "codes.csv", "code,name\nw,Walk\n")
    with pytest.raises(TableError, match=r"codes.csv: missing columns behaviour"):
        read_sdis(write(tmp_path / "a.sds", HEAD + "Walk,0-4/"))


def test_a_sheet_somebody_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.xlsx"
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.Workbook()
    clock = pd.Timestamp("2026-01-01 00:01:05").time()  # what Excel makes of 0:01:05
    rows = [["video", "track", "start_s", "stop_s", "behaviour", None], ["a.mp4", 3, 1.5, clock, WORDS[1]], [None] * 6]
    for row in rows:
        book.active.append(row)
    book.save(path)
    assert told(read_intervals([path])) == [("a.mp4", "3", WORDS[1], 1.5, 65.0)]
    monkeypatch.setattr("pipeline.formats.workbook.find_spec", lambda name: None)
    with pytest.raises(
        MissingPart, match=r"openpyxl not installed, and .*labels.xlsx needs it.*; or save the sheet as CSV"
    ):
        read_intervals([path])
