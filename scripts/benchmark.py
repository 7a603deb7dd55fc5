"""Frames per second of each pass against the decode-only floor, and peak memory against length, on a 4K clip.

``python scripts/benchmark.py [--work FOLDER] [KEY=VALUE ...]``

Films a simulated scene for 10 s in 3840 x 2160 at 30 frames/s (which takes minutes), makes a 60 s clip that repeats
its packets; runs ``ethopipe run`` on each in a process of its own with the given settings (default:
detector=motion recognizer=kinematic), and reads the seconds of every stage from run.json.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av

LENGTHS_S = (10, 60)
RATE = 30
ETHOPIPE = (sys.executable, "-m", "pipeline.cli")


def make_clip(path: Path, seconds: int) -> None:
    """A scene of 12 animals, filmed in 4K."""
    words = ["scene.width=3840", "scene.height=2160", f"scene.rate={RATE}", f"scene.duration_s={seconds}"]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # by another process: a child's peak counts from ours
        subprocess.run([*ETHOPIPE, "simulate", f"out={folder}", *words], check=True, stdout=subprocess.DEVNULL)
        next(Path(folder).glob("*.mp4")).replace(path)


def repeated(source: Path, target: Path, times: int) -> None:
    """The packets of ``source``, ``times`` times over."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        step = stream.duration
        for turn in range(times):
            reader.seek(0)
            for packet in reader.demux(stream):
                if packet.dts is None:
                    continue
                packet.pts += turn * step
                packet.dts += turn * step
                packet.stream = copy
                writer.mux(packet)


def decode_rate(path: Path) -> float:
    """Frames/s of decoding alone: the floor."""
    start, count = time.perf_counter(), 0
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            count += 1
    return count / (time.perf_counter() - start)


def run(clip: Path, out: Path, settings: list[str]) -> tuple[dict[str, float], float]:
    """Seconds of every stage, and the peak memory of the whole process in MB."""
    command = [*ETHOPIPE, "run", str(clip), f"out={out}", *settings]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed; see {out / 'log.txt'}")
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    unit_mb = 1e-6 if sys.platform == "darwin" else 1 / 1024  # ru_maxrss is in bytes there, in KiB elsewhere
    return record["videos"][clip.name]["seconds"], usage.ru_maxrss * unit_mb


def main() -> None:
    """Make the clips, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="folder for clips and runs (default: a temporary one)")
    parser.add_argument("settings", nargs="*", default=["detector=motion", "recognizer=kinematic"])
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(words.work or Path(temporary), words.settings)


def measure(work: Path, settings: list[str]) -> None:
    """All figures for one set of settings."""
    work.mkdir(parents=True, exist_ok=True)
    clips = {seconds: work / f"clip_{seconds}s.mp4" for seconds in LENGTHS_S}
    if not clips[LENGTHS_S[0]].exists():
        make_clip(clips[LENGTHS_S[0]], LENGTHS_S[0])
    if not clips[LENGTHS_S[1]].exists():
        repeated(clips[LENGTHS_S[0]], clips[LENGTHS_S[1]], LENGTHS_S[1] // LENGTHS_S[0])
    print(f"{platform.machine()}, {os.cpu_count()} cores; 3840 x 2160 H.264; {' '.join(settings)}")
    peaks = {}
    for seconds, clip in clips.items():
        floor, frames = decode_rate(clip), seconds * RATE
        with tempfile.TemporaryDirectory(dir=work) as out:
            stages, peaks[seconds] = run(clip, Path(out) / "run", settings)
        print(f"\n{seconds} s clip, {frames} frames; decode only {floor:.1f} frames/s; peak {peaks[seconds]:.0f} MB")
        for name, spent in stages.items():
            rate = frames / max(spent, 1e-9)
            print(f"  {name:8s}{spent:8.2f} s{rate:10.1f} frames/s{rate / floor:8.2f} of decode only")
    short, long = peaks.values()
    grown = f"{long - short:+.0f} MB ({(long / short - 1) * 100:+.1f} %)"
    print(f"\npeak memory {LENGTHS_S[0]} s to {LENGTHS_S[1]} s: {grown}")


if __name__ == "__main__":
    main()
