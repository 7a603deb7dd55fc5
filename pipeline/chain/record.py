"""What a run remembers of itself: ``run.json`` with the status of every video, and ``log.txt``."""

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pipeline.artifacts import read_object, storage, write_json
from pipeline.chain.restart import warnings
from pipeline.chain.versions import versions
from pipeline.errors import UsageError
from pipeline.recognizers.card import Card
from pipeline.types import Video

DEFINITIONS = "definitions"  # of the recognizer's behaviours, as its card says
CHOSE = "held_out_chose_checkpoint"  # as the recognizer's card says; null: not known
_GIVEN = ("individuals", "observations", "sessions", "starts", "habitats")


@dataclass
class Status:
    """How one video went: waiting, ok, partial (it broke off) or failed, and why; seconds spent on its stages.

    ``warnings`` are those that its folder tells of (``warnings_of``), as last read.
    """

    video: Video
    status: str = "waiting"
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The video's key."""
        return self.video.key

    @property
    def readable(self) -> bool:
        """Did it leave tables?"""
        return self.status in {"ok", "partial"}


def video_folder(out: Path, video: Video) -> Path:
    """Where everything about one video is kept."""
    return out / "videos" / video.key


def warnings_of(folder: Path) -> list[str]:
    """What a video's file and its stages gave reason to warn of."""
    return [*read_object(folder / "video.json").get("warnings", []), *warnings(folder)]


class Record:
    """``run.json``: settings, versions, and the status of every video as the run goes on. Times live only here."""

    def __init__(
        self,
        out: Path,
        command: str,
        settings: Mapping[str, Any],
        states: Sequence[Status],
        model: Mapping[str, str],
        card: Card,
    ) -> None:
        self._out, self._states = out, states
        self._fixed: dict[str, Any] = {"command": command, "versions": versions(), "started": now()}
        self._fixed |= {"model": dict(model), "held_out": dict(card.metrics), CHOSE: card.held_out_chose_checkpoint}
        self._fixed |= {DEFINITIONS: dict(card.definitions), "given": given_files(settings)}
        self._settings = settings
        for state in states:  # of an earlier run, until the video is done
            state.warnings = warnings_of(video_folder(out, state.video))
        self.write()

    def write(self, exit_code: int | None = None) -> None:
        """Write it as it stands; ``exit_code`` is given at the end."""
        videos = {
            state.key: {
                "path": str(state.video.path),
                "absolute": str(state.video.path.absolute()),
                "status": state.status,
                "reason": state.reason,
                "warnings": state.warnings,
                "seconds": state.seconds,
            }
            for state in self._states
        }
        ended = {"finished": None if exit_code is None else now(), "exit_code": exit_code}
        told = {"warnings": warnings(self._out), "videos": videos, "settings": self._settings}
        write_json(self._out / "run.json", self._fixed | ended | told)


def given_files(settings: Mapping[str, Any]) -> dict[str, str]:
    """Where the user's files are that the settings name as they were typed; to settings, which decide what is done
    again, it does not matter.
    """
    return {name: str(Path(settings[name]).absolute()) for name in _GIVEN if settings.get(name)}


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Everything the package logs goes to ``path``; nothing of it to the terminal.

    ``UsageError`` where another run has it open: two in one folder would write into each other's files.
    """
    logger = logging.getLogger("pipeline")
    with storage(path):
        file = path.open("a", encoding="utf-8", errors="backslashreplace")
    with file:
        if not _alone(file):
            raise UsageError(f"another run is writing to {path.parent}; wait for its end or choose another out=FOLDER")
        handler = logging.StreamHandler(file)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        level, logger.level = logger.level, logging.INFO
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.level = level


def _alone(file: TextIO) -> bool:
    """Locks a file for as long as it is open; False where another run has. Where nothing can be locked: True."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network drives know no locks
        return True
    return True
