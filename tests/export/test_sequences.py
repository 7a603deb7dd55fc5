"""Sequences for GSEQ, Behatrix and JWatcher: what is written says what the bouts say, and nothing goes over a hole."""

import csv
import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import cli
from pipeline.export.stretches import stretches
from pipeline.formats.behatrix_write import sequence
from pipeline.formats.jwatcher_write import keys, write_master
from pipeline.formats.safe_names import distinct, one_line, word
from tests.export.made import STATE, finished_run, observed
from tests.formats.labels import real

TRACKS = {"a.mp4": {1: [range(100)], 2: [range(30), range(60, 90)]}, "b/c.mp4": {1: [range(20, 100)]}}
BOUTS = {
    "a.mp4": [
        (1, "Walk", 0, 40, 0.9), (1, "Trab |+&# <%>;/", 40, 45, 0.9), (1, "unknown", 45, 50, 0.5),
        (1, "Walk", 50, 100, 0.8), (1, "snort", 30, 32, 0.6), (1, "snort", 47, 48, 0.6),
        (2, "Walk", 0, 30, 0.7), (2, "not visible", 60, 80, 0.7), (2, "Walk", 80, 90, 0.6),
    ],
    "b/c.mp4": [(1, "Walk", 20, 60, 0.95), (1, "Trab |+&# <%>;/", 60, 100, 0.95)],
}  # fmt: skip
NAMES = {("a.mp4", 1): "Tu <maini>", ("b/c.mp4", 1): "Tu <maini>"}
WORDS = ("Walk", "Trab |+&# <%>;/", "snort")
ETHOGRAM = {
    "behaviours": [
        {**STATE, "name": "Walk"}, {**STATE, "name": WORDS[1]},
        {**STATE, "name": "snort", "kind": "event", "set": "event"},
    ],
    "relabel": {},
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return finished_run(tmp_path / "run", TRACKS, BOUTS, NAMES, ethogram=ETHOGRAM, words=WORDS)


def export(run: Path, kind: str) -> Path:
    assert cli.main(["export", str(run), f"format={kind}", f"out={run.parent / kind}"]) == 0
    return run.parent / kind / kind


def codes_of(folder: Path) -> dict[str, str]:
    with (folder / "codes.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["behaviour"] for row in csv.DictReader(file)}


def parsed(text: str) -> dict[str, list[list[tuple[str, float, float | None]]]]:
    """SDIS by its grammar: comments in %, a head up to ;, units <label> up to /, sessions up to ; in them."""
    head, _, body = re.sub("%[^%]*%", "", text).partition(";")
    known = set(re.findall(r"\w+", re.fullmatch(r"\s*Timed((?: \([\w ]+\))+)", head)[1]))  # type: ignore[index]
    units = {}
    for label, data in re.findall(r"<([^>]*)>([^/]*)/", body):
        units[label] = [
            [(code, float(start), float(stop) if stop else None)
             for code, start, stop in re.findall(r"(\w+),([\d.]+)(?:-([\d.]+))?", session)]
            for session in data.split(";")
        ]  # fmt: skip
        assert {code for session in units[label] for code, _, _ in session} <= known
    assert not re.sub(r"<[^>]*>[^/]*/", "", body).strip()
    return units


def test_gseq_gets_every_stretch_as_a_session(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = export(run, "sdis")
    names = codes_of(folder)
    assert set(names) == {"Walk", "Trab", "snort"}
    assert names["Trab"] == WORDS[1]
    assert parsed((folder / "behaviour.sds").read_text(encoding="utf-8")) == {
        "Tu (maini)": [
            [("Walk", 0.0, 4.0), ("snort", 3.0, None), ("Trab", 4.0, 4.5)],
            [("Walk", 5.0, 10.0)],
            [("Walk", 2.0, 6.0), ("Trab", 6.0, 10.0)],
        ],
        "a.mp4#2": [[("Walk", 0.0, 3.0)], [("Walk", 8.0, 9.0)]],
    }
    assert "warning  sdis: 1 event while the animal's state was not known left out" in capsys.readouterr().err


def lines(path: Path) -> dict[str, list[str]]:
    """The sequences of each subject, over all observations."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and line.endswith(":") and " id:" not in line:
            name = line[2:-1]
        elif line and not line.startswith("#"):
            found.setdefault(name, []).append(line)
    return found


def test_behatrix_gets_every_stretch_as_a_line(run: Path) -> None:
    folder = export(run, "behatrix")
    trab = next(code for code, name in codes_of(folder).items() if name == WORDS[1])
    assert trab == "Trab ____ <%>;/"
    assert lines(folder / "behaviour.txt") == {
        "Tu <maini>": [f"Walk|Walk+snort|{trab}", "Walk", f"Walk|{trab}"],
        "a.mp4#2": ["Walk", "Walk"],
    }


S, E, P = ("START", "s"), ("STOP", "s"), ("POINT", "p")


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([], ""),
        ([S], "s"),
        # as BORIS tells its live observation: a point while s goes on is s+p, the end of s is nothing
        ([S, P, P, P, E, S, E], "s|s+p|s+p|s+p|s"),
        ([S, E, P, P, P, S, P, P, P, E], "s|p|p|p|s|s+p|s+p|s+p"),
        ([S, ("START", "a"), E, ("STOP", "a")], "s|a+s|a"),  # what goes on is told by alphabet, and after the end too
    ],
)
def test_the_rule_of_strings(events: list[tuple[str, str]], text: str) -> None:
    assert sequence(events) == text


def test_strings_are_those_of_boris() -> None:
    project = json.loads((real() / "boris" / "test.boris").read_text())
    theirs = (real() / "boris" / "Test_events_to_behavioral_sequences_test_7.txt").read_text()
    told = theirs.split("# observation id: observation #1")[1]
    for subject in ("subject1", "subject2"):
        codes = [code for _, who, code, *_ in project["observations"]["observation #1"]["events"] if who == subject]
        assert set(codes) == {"s"}  # a state: it starts and stops in turn
        events = [(("START", "STOP")[number % 2], code) for number, code in enumerate(codes)]
        assert f"# {subject}:\n{sequence(events)}\n" in told


def pressed(path: Path) -> list[tuple[int, str]]:
    """What a data file says: its first line tells where the data begin."""
    text = path.read_text(encoding="utf-8").splitlines()
    first = int(text[0].removeprefix("FirstLineOfData="))
    pairs = [line.split(", ") for line in text[first - 1 :]]
    return [(int(time), key) for time, key in pairs]


def test_jwatcher_gets_a_file_an_animal_and_a_key_for_time_out_of_sight(run: Path) -> None:
    folder = export(run, "jwatcher") / "behaviour"
    assert sorted(path.name for path in folder.iterdir()) == [
        "a_mp4_2.dat", "a_mp4_Tu_maini.dat", "b_c_mp4_Tu_maini.dat", "behaviour.fmf", "files.csv",
    ]  # fmt: skip
    assert pressed(folder / "a_mp4_Tu_maini.dat") == [
        (0, "w"), (3000, "s"), (4000, "t"), (4500, "o"), (4700, "s"), (5000, "w"), (10000, "EOF"),
    ]  # fmt: skip
    # the hole from 3 s and what is not visible from 6 s are one time out of sight
    assert pressed(folder / "a_mp4_2.dat") == [(0, "w"), (3000, "o"), (8000, "w"), (9000, "EOF")]
    assert pressed(folder / "b_c_mp4_Tu_maini.dat") == [(0, "o"), (2000, "w"), (6000, "t"), (10000, "EOF")]
    master = dict(line.split("=", 1) for line in (folder / "behaviour.fmf").read_text().splitlines() if "=" in line)
    assert master["Behaviour.name.t"] == WORDS[1]
    assert master["Behaviour.name.o"] == "out of sight"
    assert master["DurationMilliseconds"] == "10000"


def shape(text: str) -> list[str]:
    """The lines with everything that differs from file to file taken out; of the data one line."""
    bare = [re.sub(r"(Name: |Updated: |File=|started: |stopped: |Time=).*", r"\1", line) for line in text.splitlines()]
    return list(dict.fromkeys(re.sub(r"^\d+, \w+$", "data", line) for line in bare if line))


def test_a_data_file_is_built_as_borises_export(run: Path) -> None:
    ours = (export(run, "jwatcher") / "behaviour" / "a_mp4_2.dat").read_text()
    theirs = (real() / "boris" / "test_jwatcher_subject1.dat").read_text()
    assert shape(ours) == shape(theirs)
    assert [not line for line in ours.splitlines()[:17]] == [not line for line in theirs.splitlines()[:17]]
    start, stop = (int(re.search(rf"^{name}Time=(\d+)$", ours, re.M)[1]) for name in ("Start", "Stop"))  # type: ignore[index]
    assert (start, stop - start) == (0, 9000)  # nobody told when that was; it is not when the run was made
    assert "# Observation started: not known" in ours


def test_a_data_file_tells_when_it_was_filmed(run: Path) -> None:
    told = "video,eventDate,eventTime\na.mp4,2026-01-02,03:04:05+03:00\n"  # by the observer's clock
    observed(run, told)
    folder = export(run, "jwatcher") / "behaviour"
    ours = (folder / "a_mp4_2.dat").read_text()
    assert "# Observation started: 2026-01-02T03:04:05" in ours
    assert "# Observation stopped: 2026-01-02T03:04:14" in ours
    assert "StartTime=1767323045000" in ours
    assert "StartTime=0\n" in (folder / "b_c_mp4_Tu_maini.dat").read_text()


def test_two_sets_have_a_file_each(tmp_path: Path) -> None:
    head = [{**STATE, "name": name, "set": "head/ear"} for name in ("Look", "Away")]
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(100)]}}, {"a.mp4": [(1, "Walk", 0, 100, 0.9)]},
                       ethogram={"behaviours": [{**STATE, "name": "Walk"}, *head], "relabel": {}},
                       words=("Walk", "Look", "Away"))  # fmt: skip
    bouts = pd.read_csv(run / "tables" / "bouts.csv")
    more = bouts.assign(set="head/ear", behaviour="Look")
    pd.concat([bouts, more]).to_csv(run / "tables" / "bouts.csv", index=False)
    assert lines(export(run, "behatrix") / "behaviour.txt") == {"a.mp4#1": ["Walk"]}
    assert lines(run.parent / "behatrix" / "behatrix" / "head_ear.txt") == {"a.mp4#1": ["Look"]}
    folder = export(run, "sdis")
    assert (folder / "head_ear.sds").read_text().splitlines()[1] == "Timed (Look Away);"


def test_a_change_of_session_is_a_hole(run: Path) -> None:
    bouts = pd.read_csv(run / "tables" / "bouts.csv").sort_values(["video", "track", "set", "start_s"])
    found = stretches(bouts.assign(session=bouts["start_s"] >= 4), "behaviour")
    assert [[name for name, *_ in one.states] for one in found if one.video == "a.mp4"][:2] == [["Walk"], [WORDS[1]]]


@pytest.mark.parametrize(
    ("names", "longest", "codes"),
    [
        ([], 16, []),
        (["Head Up"], 16, ["Head_Up"]),
        (["Äsen", "asen", "ASEN"], 16, ["Asen", "asen_2", "ASEN_3"]),  # GSEQ takes no umlauts; case may not matter
        (["Mutual Grooming A", "Mutual Grooming B"], 16, ["Mutual_Grooming_", "Mutual_Groomin_2"]),
        (["%", "吃草"], 16, ["_", "__2"]),
        (["2 legs"], 16, ["_2_legs"]),  # a code begins with no digit
    ],
)
def test_codes_are_words_and_no_two_are_one(names: list[str], longest: int, codes: list[str]) -> None:
    made = distinct(names, map(word, names), longest, fold=True)
    assert list(made.values()) == codes
    assert list(made) == names


def test_one_line() -> None:
    assert one_line(" a\tb\r\nc\u2028d\x00 ") == "a b  c d"


def test_keys_and_escapes_of_jwatcher(tmp_path: Path) -> None:
    assert keys(["Walk", "Wait", "W", "ww"]) == {"Walk": "w", "Wait": "a", "W": "b", "ww": "c"}
    with pytest.raises(Exception, match="JWatcher has 36 keys, and 37 behaviours need one each; join some"):
        keys([f"b{number}" for number in range(37)])
    write_master(tmp_path / "m.fmf", "2026-01-02T03:04:05", [("w", "Wälzen\\🦓", "")], 1.0)
    assert "Behaviour.name.w=W\\u00e4lzen\\\\\\ud83e\\udd93" in (tmp_path / "m.fmf").read_text(encoding="ascii")


def test_an_ethogram_of_events_has_no_sequences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    event: Any = {**STATE, "name": "snort", "kind": "event", "set": "event"}
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(9)]}}, {"a.mp4": [(1, "snort", 0, 9, 0.9)]},
                       ethogram={"behaviours": [event], "relabel": {}}, words=("snort",))  # fmt: skip
    for kind in ("sdis", "behatrix", "jwatcher"):
        assert cli.main(["export", str(run), f"format={kind}", f"out={tmp_path / 'out'}"]) == 1
        assert "has only events: no sequence of states is in it" in capsys.readouterr().err


def test_the_groups_of_a_real_sequence_have_no_repeats(run: Path) -> None:
    for line in lines(export(run, "behatrix") / "behaviour.txt")["Tu <maini>"]:
        assert all(len(list(own)) == 1 for _, own in groupby(line.split("|")))
