"""``ethopipe export``: a folder with what is needed to label behaviours elsewhere, written whole or not at all.

::

    <out>/
      chosen.csv                       the mini-scenes, what each was chosen for, and how sure the recognizer was
      scenes/<video>/<scene>.mp4       their videos
                     prelabels/<scene>.xml   what was recognized, to be uploaded to CVAT and corrected there
                     actions/          where the corrected XML goes; metadata/ maps it back to the video
      cvat_labels.json cvat_project.zip
      labels.boris boris_events.tsv
      labels.csv

What was recognized never lies where corrected labels are read from: unseen, it would be taken for a human's word.
"""

import shutil

import pandas as pd

from pipeline.artifacts import whole_folder, write_table
from pipeline.chain.progress import Progress
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Behaviour, Kind
from pipeline.export.choose import CHOSEN, choose
from pipeline.export.cvat import write_cvat_task
from pipeline.export.held import Held, held
from pipeline.export.observed import TEMPLATE, film, known, observations, rows, subjects
from pipeline.export.settings import ExportPlan, Format
from pipeline.formats.boris_write import Code, check_codes, write_events, write_project
from pipeline.report.words import plural


def export(plan: ExportPlan, progress: Progress) -> None:
    """Write ``plan.out`` and say what is in it.

    ``UsageError`` where the folder is there already, the run holds nothing to label, or lacks the mini-scenes' videos.
    """
    source = held(plan.run)
    behaviours = _behaviours(source, plan)
    codes = [Code(one.name, one.kind is Kind.state, one.set) for one in behaviours]
    if Format.boris in plan.formats:
        check_codes(codes)
    chosen = choose(source, plan)
    chosen = _filmed(chosen, plan, progress) if plan.films else chosen.assign(file="")
    told = known(source, chosen, plan.unit).iloc[: None if plan.prelabel else 0]
    with whole_folder(plan.out) as folder:
        for path, file in zip(chosen["path"], chosen["file"], strict=True):
            if file:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(plan.run / path, folder / file)
        if Format.cvat in plan.formats:
            write_cvat_task(folder, source, chosen, behaviours, plan.prelabel)
        if Format.boris in plan.formats:
            watched = observations(source, chosen, told, plan.unit)
            write_project(
                folder / "labels.boris", plan.run.resolve().name, source.date, codes, subjects(chosen), watched
            )
            if plan.prelabel:
                write_events(folder / "boris_events.tsv", source.date, codes, watched)
        if Format.csv in plan.formats:
            write_table(folder / "labels.csv", rows(chosen, told, plan.unit), TEMPLATE)
        write_table(folder / "chosen.csv", chosen, CHOSEN)
    _say(chosen, plan, progress)


def _behaviours(source: Held, plan: ExportPlan) -> list[Behaviour]:
    """The run's ethogram, and what is to be labelled beyond it, in the set of its first behaviour."""
    more = dict.fromkeys(name for name in plan.more_behaviours if name not in {one.name for one in source.behaviours})
    return [*source.behaviours, *(Behaviour(name, set=source.behaviours[0].set) for name in more)]


def _filmed(chosen: pd.DataFrame, plan: ExportPlan, progress: Progress) -> pd.DataFrame:
    """The mini-scenes that have a video, and where it goes in the folder."""
    there = chosen["path"].map(lambda path: (plan.run / path).is_file())
    if not there.any():
        raise UsageError(
            f"{plan.run} has no videos of its mini-scenes, as {chosen['path'].iloc[0]}; run it again with scenes=true, "
            "or give formats=[boris,csv] unit=video"
        )
    if not there.all():
        progress.say(
            f"warning  {plural(int((~there).sum()), 'mini-scene')} without a video left out: {plan.run} broke off"
        )
    found = chosen[there].reset_index(drop=True)
    return found.assign(file=[film(*names) for names in zip(found["video"], found["scene"], strict=True)])


def _say(chosen: pd.DataFrame, plan: ExportPlan, progress: Progress) -> None:
    """What a person reads last."""
    seconds = (chosen["stop_s"] - chosen["start_s"]).sum()
    videos = plural(chosen["video"].nunique(), "video")
    progress.say(
        f"chosen   {plural(len(chosen), 'mini-scene')} of {videos}, {seconds:.0f} s: {plan.out / 'chosen.csv'}"
    )
    if plan.per_behaviour is not None:
        counts = chosen["behaviour"].value_counts(sort=False)
        progress.say("for      " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    if Format.cvat in plan.formats:
        progress.say(f"cvat     {plan.out / 'scenes'}, labels in {plan.out / 'cvat_labels.json'}")
    if Format.boris in plan.formats:
        progress.say(f"boris    {plan.out / 'labels.boris'}")
    if Format.csv in plan.formats:
        progress.say(f"csv      {plan.out / 'labels.csv'}")
    if plan.prelabel:
        progress.say("what is filled in is the recognizer's guess: what you leave as it is counts as your word")
