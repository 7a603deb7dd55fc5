"""What a run remembers of itself, and what it costs where there are many videos."""

import json
import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.artifacts import write_json
from pipeline.chain import record, study
from pipeline.chain.desk import StudyDesk
from pipeline.chain.record import Record, Status
from pipeline.tables import BOUTS, INDIVIDUALS
from pipeline.types import Video
from tests.ethology.made import ethogram

CARD = SimpleNamespace(metrics={}, held_out_chose_checkpoint=None, definitions={})


def states_of(number: int) -> list[Status]:
    return [Status(Video(f"{k}.mp4", Path(f"/footage/{k}.mp4")), "ok") for k in range(number)]


def test_what_a_video_warns_of_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = states_of(2)
    write_json(tmp_path / "videos" / "1.mp4" / "video.json", {"warnings": ["of an earlier run"]})
    made = Record(tmp_path, "", {}, states, {}, CARD)
    monkeypatch.setattr(record, "warnings_of", lambda folder: pytest.fail(f"{folder} is read again"))
    states[0].warnings = ["new"]
    made.write(0)
    videos = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["videos"]
    assert [video["warnings"] for video in videos.values()] == [["new"], ["of an earlier run"]]


def test_what_a_process_is_given_of_a_video_does_not_grow_with_the_study(configured) -> None:
    sizes = []
    parts = SimpleNamespace(report=configured("report"), ethogram=ethogram("AB"))
    for number in (1, 500):
        folders = {state.key: Path("videos") / state.key for state in states_of(number)}
        desk = StudyDesk(Path("out"), folders, parts, {}, states_of(number), "")
        work = next(study._drawings(desk, Path("out"), {table.name: table.empty() for table in (BOUTS, INDIVIDUALS)}))
        sizes.append(len(pickle.dumps(work)))
    assert sizes[0] == sizes[1]
