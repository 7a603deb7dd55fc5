"""``ethopipe demo`` and ``simulate``: a scene whose truth is known, the whole chain on it, and how far they agree."""

from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from pipeline.artifacts import file_hash, read_object, write_json
from pipeline.chain.progress import Progress
from pipeline.chain.run import Plan, run
from pipeline.comparison.compare import compare, read_run
from pipeline.comparison.table import lines
from pipeline.errors import UsageError
from pipeline.report.words import plural
from pipeline.simulate.examples import TRAINED_ON
from pipeline.simulate.film import film
from pipeline.simulate.settings import Scene
from pipeline.simulate.truth_files import TOLD, read_truth, truth_files

COMPARISON = "comparison.json"


def demo(plan: Plan, scene: Scene, seed: int, folder: Path, progress: Progress) -> int:
    """Film the scene, run the plan on it, compare every output with the truth. Exit code of the run.

    The figures go to ``comparison.json`` in the run's folder, and to another beside the video. ``UsageError`` as
    ``simulate``.
    """
    simulate(scene, seed, folder, progress)
    code = run(plan, progress)
    if code == 0:
        progress.say("comparing with the truth")
        figures = compare(read_run(plan.out), read_truth(folder)) | {"scene": scene.name, "seed": seed}
        for place in (plan.out, folder):
            write_json(place / COMPARISON, figures)
        for line in (*lines(figures), f"report   {plan.out / 'report.html'}", f"figures  {plan.out / COMPARISON}"):
            progress.say(line)
    return code


def simulate(scene: Scene, seed: int, folder: Path, progress: Progress) -> Path:
    """Film a scene and write its truth beside the video in ``folder``; the video's path.

    ``UsageError`` for a negative ``seed``, and where the folder holds another scene, or none at all.
    """
    if seed < 0:
        raise UsageError(f"seed must be at least 0, got {seed}")
    _free(folder, scene.name)
    if seed >= TRAINED_ON:
        progress.say(
            f"seed={seed}: the embedded models may have seen this scene; to judge them take one under {TRAINED_ON}"
        )
    if scene.unmet:
        progress.say(scene.unmet)
    told = {"seed": seed, "scene": _plain(asdict(scene))}
    write_json(folder / TOLD, told)
    for old in truth_files(folder, scene.name):  # of an earlier film: were this one stopped, it would be taken as its
        old.unlink(missing_ok=True)
    animals = plural(sum(scene.animals.values()), "animal")
    with progress.stage(f"filming {scene.name}, seed {seed}: {scene.duration_s:g} s with {animals}", "frames") as meter:
        meter.expect(scene.frames)
        video = film(scene, seed, folder, meter.advance)
    write_json(folder / TOLD, told | {"sha256": file_hash(video)})
    return video


def _free(folder: Path, name: str) -> None:
    """``UsageError`` unless the folder is empty, or holds a scene of that name, which is then filmed anew."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not (folder / TOLD).is_file():
        raise UsageError(f"out={folder} holds files that are not a simulated scene; choose another folder")
    before = read_object(folder / TOLD).get("scene", {}).get("name", name)
    if before != name:
        raise UsageError(f"out={folder} holds the scene {before}, not {name}; choose another folder")


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Enum) else value for name, value in settings.items()}
