"""Run the command so that it halts inside one stage: ``kill_driver.py STAGE working|writing MARKER COMMAND ...``.

When the stage is at work (its first read or step) or about to rename its first output, the marker is written and the
process sleeps, to be killed from outside.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline import artifacts, cli
from pipeline.chain import run, study

STAGE, WHERE, MARKER = sys.argv[1:4]
inside: list[str] = []


def halt() -> None:
    part = Path(f"{MARKER}.part")
    part.write_text(f"{WHERE} in {inside[-1]}")
    part.rename(MARKER)  # whole at once: the killer reads it as soon as it is there
    time.sleep(600)


def entered(stage: Any) -> Any:
    def work(desk: Any) -> Any:
        inside.append(stage.name)
        if stage.name == STAGE and WHERE == "working":
            halt_at_first_step(desk)
        answer = stage.work(desk)
        inside.pop()
        return answer

    return replace(stage, work=work)


def halt_at_first_step(desk: Any) -> None:
    def step(*words: Any) -> None:
        halt()

    for name in ("read", "table", "of"):
        if hasattr(desk, name):
            object.__setattr__(desk, name, step)
    study.over_videos = step  # type: ignore[assignment]
    if hasattr(desk, "meter"):
        object.__setattr__(desk, "meter", replace(desk.meter, advance=step))


def renamed(rename: Callable[..., None]) -> Callable[..., None]:
    def checked(source: Any, target: Any) -> None:
        if WHERE == "writing" and inside and inside[-1] == STAGE:
            halt()
        rename(source, target)

    return checked


if __name__ == "__main__":
    run.VIDEO_STAGES = tuple(map(entered, run.VIDEO_STAGES))
    study.STUDY_STAGES = tuple(map(entered, study.STUDY_STAGES))
    artifacts.Path.replace = renamed(Path.replace)  # type: ignore[attr-defined]
    sys.exit(cli.main(sys.argv[4:]))
