"""``ethopipe export``: a folder with what a run found, or with what is needed to label it, written whole or not at all.

::

    <out>/<format>/...                 each format of results
    <out>/chosen.csv scenes/ ...       what is to be labelled, see kit.py
"""

from pathlib import Path

from pipeline.artifacts import whole_folder
from pipeline.chain.progress import Progress
from pipeline.errors import UsageError
from pipeline.export.formats import LABELS, RESULTS
from pipeline.export.held import held
from pipeline.export.kit import Kit, kit, write_scenes
from pipeline.export.settings import ExportPlan
from pipeline.report.words import plural
from pipeline.stored import stopped


def export(plan: ExportPlan, progress: Progress) -> None:
    """Write ``plan.out`` and say what is in it.

    ``UsageError`` where the folder is there already, or the run does not hold what a format needs: before anything is
    written, so that no format is lost by another's fault.
    """
    source = held(plan.run)
    labels = [LABELS[name] for name in plan.format if name in LABELS]
    results = {name: RESULTS[name] for name in plan.format if name in RESULTS}
    if labels and source.study:
        raise UsageError(f"{plan.run} is a study; what is to be labelled is exported from its runs, one by one")
    to_label: Kit | None = None
    if labels:
        to_label = kit(source, plan, any(one.films for one in labels), progress.say)
        for one in labels:
            one.check(to_label)
    for result in results.values():
        result.check(source)
    _ = source.noted  # the user's own tables, in which there may be faults
    told = [f"warning  {line}" for line in stopped(source.runs)]
    with whole_folder(plan.out) as folder:
        if to_label is not None:
            for one in labels:
                one.write(folder, to_label)
            write_scenes(folder, to_label)  # the films last: what cannot be written shows before they are copied
        for name, result in results.items():
            told += [f"warning  {name}: {line}" for line in result.write(folder / name, source)]
    if to_label is not None:
        _say(to_label, plan, progress)
    for name in results:
        progress.say(f"{name:8s} {plan.out / name}")
    for line in told:
        progress.say(line)


def _say(of: Kit, plan: ExportPlan, progress: Progress) -> None:
    """What a person who labels reads last."""
    seconds = (of.chosen["stop_s"] - of.chosen["start_s"]).sum()
    videos = plural(of.chosen["video"].nunique(), "video")
    where = plan.out / "chosen.csv"
    progress.say(f"chosen   {plural(len(of.chosen), 'mini-scene')} of {videos}, {seconds:.0f} s: {where}")
    if plan.per_behaviour is not None:
        counts = of.chosen["behaviour"].value_counts(sort=False)
        progress.say("for      " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    for name in plan.format:
        if name in LABELS:
            progress.say(f"{name:8s} {plan.out / LABELS[name].made}{_more(name, plan.out)}")
    if plan.prelabel:
        progress.say("what is filled in is the recognizer's guess: what you leave as it is counts as your word")


def _more(name: str, out: Path) -> str:
    return f", labels in {out / 'cvat_labels.json'}" if name == "cvat" else ""
