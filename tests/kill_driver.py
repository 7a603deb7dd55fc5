"""The command, run so that it halts inside one stage, to be killed from outside."""

import importlib
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline import artifacts, cli, config
from pipeline.chain import run, study
from tests.composing import composed

for late in ("pipeline.plan", "supervision", "trackers", "matplotlib.figure", "matplotlib.backends.backend_agg"):
    importlib.import_module(late)  # the command waits with them: here they are there once for all that are forked
config.hydra_compose = composed
config.compose("run", ["detector=motion", "recognizer=kinematic"])  # the same


def halting(stage: str, where: str, marker: Path, words: list[str]) -> None:
    """When ``stage`` is at work (its first read or step) or about to rename its first output, the marker is written
    and the process sleeps.
    """
    inside: list[str] = []

    def halt(*words: Any) -> None:
        part = Path(f"{marker}.part")
        part.write_text(f"{where} in {inside[-1]}")
        part.rename(marker)  # whole at once: the killer reads it as soon as it is there
        time.sleep(600)

    def entered(one: Any) -> Any:
        def work(desk: Any) -> Any:
            inside.append(one.name)
            if one.name == stage and where == "working":
                halt_at_first_step(desk)
            answer = one.work(desk)
            inside.pop()
            return answer

        return replace(one, work=work)

    def halt_at_first_step(desk: Any) -> None:
        for name in ("read", "table", "of"):
            if hasattr(desk, name):
                object.__setattr__(desk, name, halt)
        study.over_videos = halt  # type: ignore[assignment]
        if hasattr(desk, "meter"):
            object.__setattr__(desk, "meter", replace(desk.meter, advance=halt))

    def renamed(rename: Callable[..., None]) -> Callable[..., None]:
        def checked(source: Any, target: Any) -> None:
            if where == "writing" and inside and inside[-1] == stage:
                halt()
            rename(source, target)

        return checked

    run.VIDEO_STAGES = tuple(map(entered, run.VIDEO_STAGES))
    study.STUDY_STAGES = tuple(map(entered, study.STUDY_STAGES))
    artifacts.Path.replace = renamed(Path.replace)  # type: ignore[attr-defined]
    sys.exit(cli.main(words))
