"""A run's boxes and tracks beside the truth: made runs whose figures are known by hand, and every format of truth."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import file_hash, read_object, write_json, write_table
from pipeline.chain.progress import Silent
from pipeline.errors import EthopipeError, UsageError
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.settings import EvaluationPlan, Frames
from pipeline.formats.coco_write import write_coco
from pipeline.formats.cvat_write import write_cvat
from pipeline.formats.mot import write_mot, write_mot_truth
from pipeline.simulate.truth_files import write_truth
from pipeline.tables import BEHAVIOURS, DETECTIONS, FRAMES, TRACKS
from tests.formats.labels import write
from tests.simulate.made import filmed

FRAMES_OF_ALL = 10  # at 10 frames/s
SIZE = (640, 480)


def boxes(*rows: tuple[int, int, float, float], species: str = "zebra") -> pd.DataFrame:
    """tables.TRACKS of boxes of 40 x 40 px: track, frame, left edge, score."""
    table = pd.DataFrame(rows, columns=["track", "frame", "x1", "score"])
    table = table.assign(time_s=table["frame"] / 10, x2=table["x1"] + 40, y1=100.0, y2=140.0, species=species)
    return TRACKS.cast(table.assign(observed=True))


TRUE = boxes(*[(1, k, 100, 1.0) for k in range(10)])
FOUND = boxes(*[(7, k, 100, 0.9) for k in range(8)], (8, 9, 300, 0.5))  # 8 of 10, and one of nothing


def run_of(out: Path, found: dict[str, pd.DataFrame], period_s: float = 0.0, **of_tracks: float) -> Path:
    """A run of 10 frames a video that found these boxes."""
    settings = {"detector": {"period_s": period_s}, "statistics": {"interval_s": 1.0}, "behaviours": {"min_bout_s": 0}}
    settings["tracks"] = of_tracks
    write_json(out / "run.json", {"videos": {key: {"path": f"/clips/{key}"} for key in found}, "settings": settings})
    index = np.arange(FRAMES_OF_ALL)
    frames = pd.DataFrame({"frame": index, "time_s": index / 10, "duration_s": 0.1, "fault": ""})
    for key, tracks in found.items():
        folder = out / "videos" / key
        detections = DETECTIONS.cast(tracks.assign(share=1.0, given_id=-1))
        made = {FRAMES: FRAMES.cast(frames), TRACKS: tracks, DETECTIONS: detections, BEHAVIOURS: BEHAVIOURS.empty()}
        for table, rows in made.items():
            write_table(folder / f"{table.name}.parquet", rows, table)
        write_json(folder / "video.json", {"width": SIZE[0], "height": SIZE[1], "announced": 10, "still": False})
    return out


def asked(out: Path, **changes: Any) -> EvaluationPlan:
    """What configs/evaluate.yaml asks for, with changes."""
    usual: dict[str, Any] = dict.fromkeys(("scores", "run", "truth", "tracks", "block"))
    usual |= {"labels": (), "frames": Frames.auto, "old2new": {}, "precision": 0.9, "confidence": 0.95}
    return EvaluationPlan(**usual | {"out": out, "resamples": 200, "min_units": 6, "seed": 0} | changes)


def evaluated(out: Path, **changes: Any) -> dict[str, Any]:
    return evaluate(asked(out, **changes), Silent())


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are drawn in one test only: they take most of the time."""

    def save(figure: object, path: Path, dpi: int) -> None:
        write(path, b"")
        write(path.with_suffix(".svg"), b"<svg/>")

    monkeypatch.setattr("pipeline.evaluation.boxes.save", save)


def values(figures: dict[str, Any], *names: str) -> list[float | None]:
    return [figures[name]["value"] for name in names]


def test_figures_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # drawn here
    run = run_of(tmp_path / "run", {"a.mp4": FOUND})
    write_mot_truth(tmp_path / "truth" / "a" / "gt" / "gt.txt", TRUE.assign(visible=1.0))
    words = [f"run={run}", f"truth={tmp_path / 'truth'}", f"out={tmp_path / 'e'}", "resamples=200"]
    assert cli.main(["evaluate", *words]) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    found, tracks = made["detection"], made["tracking"]
    wanted = ("map50", "map50_95", "map50_species", "recall", "precision")
    assert values(found["figures"], *wanted) == pytest.approx([81 / 101, 81 / 101, 81 / 101, 0.8, 8 / 9], abs=1e-6)
    assert (found["detections"], found["least_score"]) == (9, 0.5)
    assert list(found["per_size"]) == ["medium"]
    assert found["per_height"]["32 to 64 px"]["boxes"] == 10
    assert values(found["per_species"]["zebra"], "recall", "ap50") == pytest.approx([0.8, 81 / 101], abs=1e-6)
    mota, idf1 = 1 - (2 + 1) / 10, 2 * 8 / (10 + 9)
    assert values(tracks["figures"], "mota", "idf1", "idp", "idr") == pytest.approx([mota, idf1, 8 / 9, 0.8], abs=1e-6)
    # found 8, missed 2, false 1; all 8 by one track of 8 boxes, of an animal of 10
    assert values(tracks["figures"], "hota", "deta", "assa") == pytest.approx(
        [(8 / 11 * 0.8) ** 0.5, 8 / 11, 0.8], abs=1e-6
    )
    assert tracks["counts"] == {"switches": 0, "fragmentations": 0, "animals": 1, "tracks": 2}
    said = capsys.readouterr().err
    assert "10 true boxes in 10 frames of 1 video: too few for intervals" in said
    assert "mAP50, one class: animal         0.802\n" in said
    for name in ("precision_recall", "scores", "confusion", "hota"):
        assert (tmp_path / "e" / f"{name}.png").stat().st_size > 5_000
    assert pd.read_csv(tmp_path / "e" / "confusion.csv").to_dict("list") == {
        "true": ["zebra"],
        "zebra": [8],
        "not found": [2],
    }
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert "No interval is given: the figures rest on 1 video, and under 6 nobody can say" in page
    assert "Too little is labelled to say much of zebra (10 boxes)." in page
    assert page.count('<img src="data:image/') == 4
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    for row in made["inputs"]:
        assert row["sha256"] in page


def test_videos_are_resampled_whole(tmp_path: Path) -> None:
    found = {f"v{k}.mp4": boxes(*[(1, j, 100, 0.9) for j in range(3 + k)]) for k in range(7)}
    run = run_of(tmp_path / "run", found)
    for key in found:
        write_mot_truth(tmp_path / "truth" / key.removesuffix(".mp4") / "gt" / "gt.txt", TRUE.assign(visible=1.0))
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "truth")
    for figures in (made["detection"]["figures"], made["tracking"]["figures"]):
        assert figures["recall"]["value"] == pytest.approx(0.6, abs=1e-6)
        assert 0.3 < figures["recall"]["low"] < 0.6 < figures["recall"]["high"] < 0.9
    assert made["tracking"]["figures"]["hota"]["low"] < made["tracking"]["figures"]["hota"]["value"]
    assert [row["recall"] for row in made["per_video"]] == pytest.approx([(3 + k) / 10 for k in range(7)])
    assert [row["mota"] for row in made["per_video"]] == pytest.approx([(3 + k) / 10 for k in range(7)])
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert "95 % intervals over 200 resamples of the videos" in page
    assert "No interval is given" not in page


def as_cvat(folder: Path) -> Path:
    write_cvat(folder / "a.xml", TRUE, SIZE, FRAMES_OF_ALL, "a.mp4")
    return folder / "a.xml"


def as_coco(folder: Path) -> Path:
    write_coco(folder / "a.json", TRUE, "a.mp4", SIZE, range(FRAMES_OF_ALL))
    return folder / "a.json"


def as_mot(folder: Path) -> Path:
    write_mot(folder / "a.txt", TRUE)
    return folder / "a.txt"


def as_table(folder: Path) -> Path:
    TRUE.to_csv(folder / "a.csv", index=False)
    return folder / "a.csv"


def as_yolo(folder: Path) -> Path:
    for frame, x1 in TRUE[["frame", "x1"]].to_numpy():
        line = f"0 {(x1 + 20) / SIZE[0]:.8f} {120 / SIZE[1]:.8f} {40 / SIZE[0]:.8f} {40 / SIZE[1]:.8f}\n"
        write(folder / "labels" / f"a_{frame:.0f}.txt", line)
    write(folder / "data.yaml", "names: [zebra]\n")
    return folder


def test_weak_boxes_that_the_run_did_not_follow_count_for_average_precision_alone(tmp_path: Path) -> None:
    weak = boxes((9, 8, 100, 0.2), (9, 8, 500, 0.1), species="giraffe")
    write_mot_truth(tmp_path / "truth" / "a" / "gt" / "gt.txt", TRUE.assign(visible=1.0))
    found = pd.concat([FOUND, weak], ignore_index=True)
    runs = run_of(tmp_path / "run", {"a": found}, min_score=0.3), run_of(tmp_path / "all", {"a": found})
    followed, every = (evaluated(tmp_path / run.name[0], run=run, truth=tmp_path / "truth") for run in runs)
    of = followed["detection"]
    assert (of["detections"], of["least_score"]) == (9, 0.5)
    assert values(of["figures"], "recall", "precision") == pytest.approx([0.8, 8 / 9], abs=1e-6)
    assert values(every["detection"]["figures"], "recall", "precision") == pytest.approx([0.9, 9 / 11], abs=1e-6)
    assert of["figures"]["map50"] == every["detection"]["figures"]["map50"]
    assert pd.read_csv(tmp_path / "r" / "confusion.csv").columns.tolist() == ["true", "zebra", "not found"]
    assert pd.read_csv(tmp_path / "a" / "confusion.csv").columns.tolist() == ["true", "zebra", "giraffe", "not found"]


@pytest.mark.parametrize("make", [as_cvat, as_coco, as_mot, as_table, as_yolo])
def test_every_format_of_truth_gives_the_same_figures(tmp_path: Path, make: Any) -> None:
    (tmp_path / "truth").mkdir()
    truth = make(tmp_path / "truth")
    made = evaluated(tmp_path / "e", run=run_of(tmp_path / "run", {"a.mp4": FOUND}), truth=truth)
    assert values(made["detection"]["figures"], "map50", "precision") == pytest.approx([81 / 101, 8 / 9], abs=1e-6)
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    if make is as_yolo:
        assert made["tracking"] is None
        assert "The truth has no identities, so that tracks cannot be judged." in page
    else:
        assert made["tracking"]["figures"]["mota"]["value"] == 0.7
    named = make is not as_mot  # a lone MOT file says no species
    assert (made["detection"]["figures"]["map50_species"]["value"] is not None) is named
    assert ("The detector calls no species as the truth does" in page) is not named


def test_a_simulated_scene_is_a_truth_that_knows_what_can_be_judged(tmp_path: Path) -> None:
    paths = write_truth(filmed(), tmp_path)
    animals = pd.read_parquet(paths[0])
    found = boxes(*[(1, k, 400, 0.9) for k in range(10)])
    run = run_of(tmp_path / "run", {"squares.mp4": found})
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path)
    assert made["boxes"] + made["ignored_boxes"] == int((animals["frame"] < FRAMES_OF_ALL).sum())
    assert made["ignored_boxes"] > 0
    assert made["inputs"][-1]["path"] == str(tmp_path / "truth" / "animals.parquet")


def test_the_truth_of_another_film_is_refused(tmp_path: Path) -> None:
    write_truth(filmed(), tmp_path)
    film = tmp_path / "squares.mp4"
    film.write_bytes(b"as it was filmed")
    write_json(tmp_path / "truth" / "scene.json", {"sha256": file_hash(film)})
    run = run_of(tmp_path / "run", {"squares.mp4": TRUE})
    told = read_object(run / "run.json")
    write_json(run / "run.json", told | {"videos": {"squares.mp4": {"path": str(film)}}})
    assert evaluated(tmp_path / "e", run=run, truth=tmp_path)["boxes"] > 0
    film.write_bytes(b"another seed")
    with pytest.raises(UsageError, match="it is of another film"):
        evaluated(tmp_path / "f", run=run, truth=tmp_path)


def test_the_truth_of_one_video_is_not_that_of_another_of_its_name(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {"day1/a.mp4": FOUND, "day2/a.mp4": FOUND})
    (tmp_path / "truth").mkdir()
    TRUE.to_csv(tmp_path / "truth" / "a.csv", index=False)
    with pytest.raises(UsageError, match=r"a.csv would be the labels of day1/a.mp4 and of day2/a.mp4"):
        evaluated(tmp_path / "e", run=run, truth=tmp_path / "truth")


def test_one_table_may_be_about_several_videos(tmp_path: Path) -> None:
    pd.concat([TRUE.assign(video="a"), FOUND.assign(video="b")]).to_csv(tmp_path / "t.csv", index=False)
    run = run_of(tmp_path / "run", {"a.mp4": FOUND, "b.mp4": FOUND, "c.mp4": FOUND})
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "t.csv")
    assert [(row["video"], row["mota"]) for row in made["per_video"]] == [("a.mp4", 0.7), ("b.mp4", 1.0)]
    assert list(made["videos_left_out"]) == ["c.mp4"]


def test_each_video_of_a_run_has_its_scene(tmp_path: Path) -> None:
    for name in "ab":
        write_truth(filmed(), tmp_path / name)
        write(tmp_path / name / f"{name}.mp4", b"")
    run = run_of(tmp_path / "run", {"a/a.mp4": TRUE, "b/b.mp4": TRUE, "c/c.mp4": TRUE})
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path)
    assert [row["video"] for row in made["per_video"]] == ["a/a.mp4", "b/b.mp4"]
    assert made["videos_left_out"] == {"c/c.mp4": "it has no truth"}


# which frames, how many these are, precision: 3 boxes of the animal and the false one lie after the labels' end
ONLY = [(Frames.auto, 10, 5 / 9), (Frames.all, 10, 5 / 9), (Frames.labelled, 5, 1.0)]


@pytest.mark.parametrize(("frames", "many", "precision"), ONLY)
def test_which_frames_are_judged(tmp_path: Path, frames: Frames, many: int, precision: float) -> None:
    write_mot(tmp_path / "a.txt", TRUE[TRUE["frame"] < 5])
    run = run_of(tmp_path / "run", {"a.mp4": FOUND})
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "a.txt", frames=frames)
    assert made["frames"] == many
    assert made["detection"]["figures"]["precision"]["value"] == pytest.approx(precision, abs=1e-6)


def test_pictures_are_judged_where_they_are_labelled(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", TRUE, "a.mp4", SIZE, range(0, FRAMES_OF_ALL, 5))
    run = run_of(tmp_path / "run", {"a.mp4": FOUND})
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "a.json")
    assert (made["frames"], made["boxes"]) == (2, 2)
    assert made["detection"]["figures"]["precision"]["value"] == 1.0


def test_only_frames_that_the_detector_saw_are_judged(tmp_path: Path) -> None:
    write_mot(tmp_path / "a.txt", TRUE)
    some = FOUND[FOUND["frame"].isin([0, 5])]
    run = run_of(tmp_path / "run", {"a.mp4": some}, period_s=0.5)
    assert evaluated(tmp_path / "e", run=run, truth=tmp_path / "a.txt")["frames"] == 2


def test_species_have_other_names_or_none(tmp_path: Path) -> None:
    truth = pd.concat([TRUE.assign(species="Zebra"), boxes((9, 9, 300, 1.0), species="Person")])
    truth.to_csv(tmp_path / "a.csv", index=False)
    run = run_of(tmp_path / "run", {"a.mp4": FOUND})
    names = {"Zebra": "zebra", "Person": ""}
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "a.csv", old2new=names)
    assert (made["boxes"], made["ignored_boxes"]) == (10, 1)
    assert made["detection"]["figures"]["precision"]["value"] == 1.0  # the box of the person counts neither way
    assert list(made["detection"]["per_species"]) == ["zebra"]


def test_videos_that_cannot_be_judged_are_named(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", {"a.mp4": FOUND, "b.mp4": FOUND, "c.mp4": FOUND})
    (run / "videos" / "c.mp4" / "tracks.parquet").unlink()
    (tmp_path / "truth").mkdir()
    as_cvat(tmp_path / "truth").with_name("c.xml").write_bytes((tmp_path / "truth" / "a.xml").read_bytes())
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "truth")
    assert (made["videos"], list(made["videos_left_out"])) == (1, ["b.mp4", "c.mp4"])
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert "b.mp4 is left out: it has no truth." in page
    assert "c.mp4 is left out: the run followed nothing in it: it failed or was stopped." in page


def test_a_run_that_found_nothing(tmp_path: Path) -> None:
    write_mot(tmp_path / "a.txt", TRUE)
    run = run_of(tmp_path / "run", {"a.mp4": TRACKS.empty()})
    made = evaluated(tmp_path / "e", run=run, truth=tmp_path / "a.txt")
    assert values(made["detection"]["figures"], "map50", "recall", "precision") == [0.0, 0.0, None]
    assert values(made["tracking"]["figures"], "hota", "mota", "idf1") == [0.0, 0.0, 0.0]


def test_tracks_without_a_run(tmp_path: Path) -> None:
    write_mot(tmp_path / "mine" / "a.txt", FOUND)
    write_mot(tmp_path / "mine" / "b.txt", TRUE)
    for name in "ab":
        write_mot(tmp_path / "truth" / name / "gt" / "gt.txt", TRUE)
    one = evaluated(tmp_path / "e", tracks=tmp_path / "mine" / "a.txt", truth=tmp_path / "truth" / "a")
    assert one["detection"] is None
    assert one["tracking"]["figures"]["mota"]["value"] == 0.7
    both = evaluated(tmp_path / "e", tracks=tmp_path / "mine", truth=tmp_path / "truth")
    assert [row["mota"] for row in both["per_video"]] == [0.7, 1.0]
    assert both["tracking"]["figures"]["mota"]["value"] == pytest.approx(0.85)


def nobody(folder: Path) -> dict[str, Path]:
    return {"run": run_of(folder / "run", {"a.mp4": FOUND}), "truth": folder / "no.txt"}


def no_run(folder: Path) -> dict[str, Path]:
    as_mot(folder)
    return {"run": folder / "nothing", "truth": folder / "a.txt"}


def one_for_two(folder: Path) -> dict[str, Path]:
    return {"run": run_of(folder / "run", {"a.mp4": FOUND, "b.mp4": FOUND}), "truth": as_mot(folder)}


def of_others(folder: Path) -> dict[str, Path]:
    (folder / "truth").mkdir()
    as_cvat(folder / "truth")
    return {"run": run_of(folder / "run", {"b.mp4": FOUND, "c.mp4": FOUND}), "truth": folder / "truth"}


def of_nothing(folder: Path) -> dict[str, Path]:
    write_mot(folder / "a.txt", TRUE.assign(frame=TRUE["frame"] + 50))
    return {"run": run_of(folder / "run", {"a.mp4": FOUND}), "truth": folder / "a.txt"}


def nameless(folder: Path) -> dict[str, Path]:
    FOUND.drop(columns="track").to_csv(folder / "found.csv", index=False)
    return {"tracks": folder / "found.csv", "truth": as_mot(folder)}


def of_no_size(folder: Path) -> dict[str, Path]:
    return {"tracks": as_mot(folder), "truth": as_yolo(folder / "yolo")}


def no_tracks(folder: Path) -> dict[str, Path]:
    return {"tracks": folder / "none.txt", "truth": as_mot(folder)}


def empty_folder(folder: Path) -> dict[str, Path]:
    (folder / "empty").mkdir()
    return {"tracks": folder / "empty", "truth": as_mot(folder)}


WRONG = [
    (nobody, r"no such truth: .*no.txt; truth is a file of boxes, a folder of them, or a simulated scene"),
    (no_run, r"nothing is no run of ethopipe: it has no run.json that names videos"),
    (one_for_two, r"a.txt is about one video, there are several; give a folder with a file named as each"),
    (
        of_others,
        r"nothing to judge by .*truth; b.mp4: it has no truth; c.mp4: it has no truth; files of",
    ),
    (of_nothing, r"no frame that is judged has a true box; is .*a.txt about these videos\?"),
    (nameless, r"found.csv: 9 of 9 boxes have no identity: these are no tracks"),
    (of_no_size, r"yolo: boxes in shares of a picture whose size nobody tells; give run=FOLDER instead"),
    (no_tracks, r"no such tracks: .*none.txt; tracks is a file of boxes with identities, or a folder"),
    (empty_folder, r"no file of tracks in .*empty"),
]


@pytest.mark.parametrize(("make", "fault"), WRONG)
def test_what_cannot_be_judged(tmp_path: Path, make: Any, fault: str) -> None:
    with pytest.raises(EthopipeError, match=fault) as error:
        evaluated(tmp_path / "e", **make(tmp_path))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "e").exists()
