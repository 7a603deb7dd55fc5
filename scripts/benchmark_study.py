"""How long does a large study take, and how much memory? ``ethopipe analyze`` on a run whose tables are made up.

    python scripts/benchmark_study.py OUT --videos 20 --minutes 30 --animals 50 --rate 30

OUT/run gets that many videos' tables (frames, tracks, behaviours, ...; boxes that drift, behaviours of a semi-Markov
schedule), as ``ethopipe run`` would have stored them, with named animals. Then ``ethopipe analyze`` makes OUT/study of
it, with processes of its own, twice: the seconds of each stage and of the whole are those of the first time, and the
peaks of all their memory together (shared pages counted once) those of the second, because watching it takes time.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
import pandas as pd

from pipeline.artifacts import write_json, write_table
from pipeline.boxes import FloatArray
from pipeline.chain.stages import STILL_PX
from pipeline.simulate.habits import natural
from pipeline.simulate.schedule import Schedule, at
from pipeline.tables import BEHAVIOURS, CAMERA, FRAMES, INDIVIDUALS, SCORES, TRACKS
from pipeline.types import Image

WIDTH, HEIGHT = 3840, 2160


def main() -> None:
    """Make the run, analyse it, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("settings", nargs="*")
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--animals", type=int, default=50)
    parser.add_argument("--seen", type=int, help="of them in each video, from its first to its last frame; all")
    parser.add_argument("--rate", type=float, default=30.0)
    given = parser.parse_args()
    run, study = given.out / "run", given.out / "study"
    if not (run / "run.json").is_file():
        make(run, given.videos, given.minutes * 60, given.animals, given.seen or given.animals, given.rate)
    spent, _ = analysed(run, study, given.settings, watched=False)
    _, most = analysed(run, study, given.settings, watched=True)
    hours = given.videos * given.minutes / 60
    herd = f"{given.animals} animals, {given.seen or given.animals} in each video"
    print(f"{hours:g} h, {herd}, {given.rate:g} frames/s: {spent:.1f} s; {most:.2f} GiB at most")


def analysed(run: Path, study: Path, settings: list[str], watched: bool) -> tuple[float, float]:
    """The seconds of ``ethopipe analyze``, and the GiB it took where it is ``watched``; each stage's are printed."""
    shutil.rmtree(study, ignore_errors=True)
    command = [sys.executable, "-m", "pipeline.cli", "analyze", str(run), f"out={study}", *settings]
    started = shown = time.perf_counter()
    peak, seen = [0], 0
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        if watched:
            Thread(target=watch, args=(process, peak), daemon=True).start()
        for line in process.stderr:
            now, before = time.perf_counter(), len(peak)
            cost = f"{max(peak[seen:], default=0) / 2**20:.2f} GiB" if watched else f"{now - shown:.1f} s"
            print(f"{cost:>9s} before  {line.rstrip()}", flush=True)
            shown, seen = now, before
    if process.returncode:
        sys.exit(process.returncode)
    return time.perf_counter() - started, max(peak) / 2**20


def watch(process: "subprocess.Popen[str]", peak: list[int]) -> None:
    """Append the memory (KiB) of the process and all it has begun, five times a second."""
    while process.poll() is None:
        peak.append(sum(_memory(path) for path in Path("/proc").glob("[0-9]*") if _session(path) == process.pid))
        time.sleep(0.2)


def _session(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:  # it has ended
        return -1


def _memory(process: Path) -> int:
    try:
        told = (process / "smaps_rollup").read_text().split("Pss:")
    except OSError:
        return 0
    return int(told[1].split()[0]) if len(told) > 1 else 0


def make(run: Path, videos: int, seconds: float, animals: int, seen: int, rate: float) -> None:
    """A finished run's tables; the videos see the animals in turn."""
    rng, states, names = np.random.default_rng(0), {}, []
    schedule = natural("plains_zebra")
    for number in range(videos):
        key = f"day_{number // 2}/film_{number}.mp4"
        folder = run / "videos" / key
        frames = pd.DataFrame({"frame": np.arange(round(seconds * rate))})
        frames = frames.assign(time_s=(frames["frame"] / rate).round(6), duration_s=1 / rate, fault="")
        write_table(folder / "frames.parquet", frames, FRAMES)
        still = {f"m{i}{j}": float(i == j) for i in (1, 2) for j in (1, 2, 3)}
        write_table(folder / "camera.parquet", frames.assign(**still, known=True, inliers=50), CAMERA)
        every = pd.concat([_animal(track, frames, schedule, rng) for track in range(1, seen + 1)], ignore_index=True)
        write_table(folder / "tracks.parquet", every, TRACKS)
        write_table(folder / "behaviours.parquet", every, BEHAVIOURS)
        first = every.drop_duplicates("track").assign(start_frame=0, stop_frame=1, repeated=False)
        write_table(folder / "scores.parquet", first.assign(**{f"p_{n}": 0.1 for n in schedule.behaviours}), SCORES)
        cv2.imwrite(str(folder / "still.jpg"), _ground(np.random.default_rng(number)))
        size = {"width": WIDTH, "height": HEIGHT, "still": False, "warnings": []}
        size |= {"announced": len(frames), "decoded": len(frames), "duration_s": seconds}
        write_json(folder / "video.json", size)
        states[key] = {"path": f"/footage/{key}", "status": "ok", "reason": ""}
        animal = (number * seen + first["track"] - 1) % animals + 1
        names.append(first.assign(video=key, individual="animal " + animal.astype(str)))
    people = pd.concat(names).assign(
        start_s=0.0, stop_s=seconds, tracked_s=seconds, visible_s=seconds, observed_share=1
    )
    write_table(run / "tables" / "individuals.csv", people, INDIVIDUALS)
    settings = {"ethogram": {"behaviours": [], "relabel": {}}, "behaviours": {"min_bout_s": 0.5}}
    told = {"videos": states, "settings": settings, "model": {"recognizer": "made up"}}
    (run / "run.json").write_text(json.dumps(told), encoding="utf-8")


def _animal(track: int, frames: pd.DataFrame, schedule: Schedule, rng: np.random.Generator) -> pd.DataFrame:
    """One animal's boxes and behaviours, in sight but for one stretch in twenty."""
    times = frames["time_s"].to_numpy()
    word = np.array(schedule.behaviours, dtype=object)[at(schedule.draw(rng, float(times[-1]) + 1), times)]
    hidden = (times // 20).astype(int) % 20 == track % 20
    x, y = _drift(len(times), WIDTH - 100, rng), _drift(len(times), HEIGHT - 80, rng)
    box: dict[str, Any] = {
        "x1": x,
        "y1": y,
        "x2": x + 100,
        "y2": y + 70,
        "score": 0.9,
        "species": "zebra",
        "observed": True,
    }
    said: dict[str, Any] = {"set": "behaviour", "behaviour": np.where(hidden, "not visible", word), "confidence": 0.9}
    return frames.assign(track=track, **box, **said, reason=np.where(hidden, "overlap", ""))


def _ground(rng: np.random.Generator) -> Image:
    """A still as large as a run keeps one: noise, coarse and fine, whose JPEG is as large as that of grass."""
    size = STILL_PX, STILL_PX * HEIGHT // WIDTH
    parts = (rng.normal(0, 15, (size[1] // coarse, size[0] // coarse, 3)) for coarse in (1, 4, 16))
    grass = 128 + sum(cv2.resize(part, size) for part in parts)
    return np.asarray(np.clip(grass, 0, 255), dtype=np.uint8)


def _drift(frames: int, most: float, rng: np.random.Generator) -> FloatArray:
    """A place that wanders between 0 and ``most``."""
    way = rng.uniform(0, most) + np.cumsum(rng.normal(0, 0.5, frames))
    return np.asarray(np.abs((way + most) % (2 * most) - most))


if __name__ == "__main__":
    main()
