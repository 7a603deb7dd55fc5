"""What is written to be labelled: chosen mini-scenes, what was recognized in them, and the words for it.

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
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from pipeline.artifacts import write_table
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Behaviour
from pipeline.export.boris import code_of
from pipeline.export.choose import CHOSEN, choose
from pipeline.export.cvat import write_cvat_task
from pipeline.export.held import Held
from pipeline.export.observed import TEMPLATE, film, known, observations, rows, subjects
from pipeline.export.settings import ExportPlan, Unit
from pipeline.formats.boris_write import Code, check_codes, write_events, write_project
from pipeline.report.words import plural


@dataclass(frozen=True)
class Kit:
    """What is labelled: ``chosen`` are mini-scenes, each with the ``file`` of its video, empty where none is wanted."""

    held: Held
    plan: ExportPlan
    behaviours: tuple[Behaviour, ...]
    chosen: pd.DataFrame

    @property
    def codes(self) -> list[Code]:
        """The behaviours as BORIS knows them."""
        return [code_of(one) for one in self.behaviours]

    @cached_property
    def told(self) -> pd.DataFrame:
        """What was recognized, where it is to be filled in."""
        return known(self.held, self.chosen, self.plan.unit).iloc[: None if self.plan.prelabel else 0]


def kit(held: Held, plan: ExportPlan, films: bool, say: Callable[[str], None]) -> Kit:
    """Choose what is labelled; ``films``: with its videos.

    ``UsageError`` where the run holds nothing to label, or lacks the mini-scenes' videos.
    """
    behaviours = _behaviours(held, plan)
    chosen = choose(held, plan)
    chosen = _filmed(chosen, plan, say) if films or plan.unit is Unit.scene else chosen.assign(file="")
    return Kit(held, plan, behaviours, chosen)


def write_scenes(folder: Path, of: Kit) -> None:
    """The list of what was chosen, and its videos."""
    for path, file in zip(of.chosen["path"], of.chosen["file"], strict=True):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(of.plan.run / path, folder / file)
    write_table(folder / "chosen.csv", of.chosen, CHOSEN)


def write_cvat(folder: Path, of: Kit) -> None:
    """For CVAT: labels, a project, and what was recognized."""
    write_cvat_task(folder, of.held, of.chosen, of.behaviours, of.plan.prelabel)


def write_boris(folder: Path, of: Kit) -> None:
    """For BORIS: a project, and what was recognized as its events. ``check_names`` comes first."""
    watched = observations(of.held, of.chosen, of.told, of.plan.unit)
    write_project(folder / "labels.boris", of.held.name, of.held.date, of.codes, subjects(of.chosen), watched)
    if of.plan.prelabel:
        write_events(folder / "boris_events.tsv", of.codes, watched)


def check_names(of: Kit) -> None:
    """``UsageError`` for behaviours that BORIS cannot name."""
    check_codes(of.codes)


def write_csv(folder: Path, of: Kit) -> None:
    """For a spreadsheet."""
    write_table(folder / "labels.csv", rows(of.chosen, of.told, of.plan.unit), TEMPLATE)


def _behaviours(source: Held, plan: ExportPlan) -> tuple[Behaviour, ...]:
    """The run's ethogram, and what is to be labelled beyond it, in the set of its first behaviour."""
    more = dict.fromkeys(name for name in plan.more_behaviours if name not in {one.name for one in source.behaviours})
    return (*source.behaviours, *(Behaviour(name, set=source.behaviours[0].set) for name in more))


def _filmed(chosen: pd.DataFrame, plan: ExportPlan, say: Callable[[str], None]) -> pd.DataFrame:
    """The mini-scenes that have a video, and where it goes in the folder."""
    there = chosen["path"].map(lambda path: (plan.run / path).is_file())
    if not there.any():
        raise UsageError(
            f"{plan.run} has no videos of its mini-scenes, as {chosen['path'].iloc[0]}; run it again with scenes=true, "
            "or give format=[boris,csv] unit=video"
        )
    if not there.all():
        say(f"warning  {plural(int((~there).sum()), 'mini-scene')} without a video left out: {plan.run} broke off")
    found = chosen[there].reset_index(drop=True)
    return found.assign(file=[film(*names) for names in zip(found["video"], found["scene"], strict=True)])
