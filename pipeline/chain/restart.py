"""Restart: a stage is done again only when its settings, its inputs or its outputs have changed.

Every folder keeps ``stages.json``: for each stage the fingerprint of what it was made from and the hashes of what it
wrote. A stage whose record still holds is skipped; a stage killed half-way has no record and is done again from its
stored inputs, so that a broken and continued run ends with the same bytes as an unbroken one.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.artifacts import file_hash, fingerprint, read_object, sampled_hash, write_json
from pipeline.processes import heard
from pipeline.recognizers.folder import find_model

log = logging.getLogger(__name__)

_MACHINE = {"device"}  # settings that say where to compute, not what
# of these a file's content counts
_FILES = {
    "path", "model", "weights", "classes_json", "individuals", "observations", "sessions", "starts", "habitats",
    "held_out", "audit", "telemetry",
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One stage in one folder: the files it reads, and everything else that decides its result."""

    name: str
    version: int
    folder: Path
    settings: Mapping[str, Any]
    reads: Sequence[Path]
    identity: str = ""  # of the footage; empty: made from tables alone

    def fingerprint(self) -> str:
        """SHA-256 over the stage, its settings and the content of its inputs."""
        with ThreadPoolExecutor() as threads:  # large files: by all cores
            inputs = list(threads.map(_content, self.reads))
        return fingerprint([self.name, self.version, _counting(self.settings), inputs, self.identity])


def _content(path: Path) -> str:
    return file_hash(path) if path.is_file() else "absent"


def setting(settings: Mapping[str, Any], name: str) -> Any:
    """A group of settings, or a single one named as ``group.name``."""
    value: Any = settings
    for part in name.split("."):
        value = value[part]
    return value


def done(task: Task) -> bool:
    """Is the task's record in ``stages.json`` still true: same origin, and every file it wrote still as it was?"""
    record = _records(task.folder).get(task.name)
    if record is None or record["fingerprint"] != task.fingerprint():
        return False
    return all(_holds(task.folder / name, digest) for name, digest in record["writes"].items())


def perform(task: Task, work: Callable[[], Iterable[Path]]) -> None:
    """Do the work, which returns the files it wrote, and record it. Files of an earlier record are removed: they were
    made from something else. A CSV that somebody has edited is kept under another name.

    They go before the work begins, so that what fails leaves none that could be taken for current; but those that were
    made from footage go when there are new ones, because the footage may be gone.
    """
    perform_together([task], lambda: (one() for one in [work]))  # not before its warnings are listened to


def perform_together(tasks: Sequence[Task], works: Callable[[], Iterator[Iterable[Path]]]) -> None:
    """The same of tasks of one folder none of which reads what another writes: ``works`` does them, in whatever order,
    and gives the files of each in turn.
    """
    begun = [_begun(task) for task in tasks]
    answers = works()
    for task, (made_from, old, warnings) in zip(tasks, begun, strict=True):
        with heard() as more:
            wrote = {path.relative_to(task.folder).as_posix(): file_hash(path) for path in sorted(next(answers))}
        record = {"fingerprint": made_from, "writes": wrote, "warnings": [*warnings, *more]}
        write_json(task.folder / "stages.json", _records(task.folder) | {task.name: record})
        for name in set(old) - set(wrote):
            (task.folder / name).unlink(missing_ok=True)


def _begun(task: Task) -> tuple[str, dict[str, str], list[str]]:
    """What a task is made from, the files of its record, which is dropped, and what was warned of at that."""
    with heard() as warnings:
        old = retract(task.folder, task.name, keep=bool(task.identity))
    return task.fingerprint(), old, warnings


def retract(folder: Path, name: str, keep: bool = False) -> dict[str, str]:
    """Remove the record of a stage and the files that it tells of, which are returned; an edited CSV is kept.

    ``keep`` leaves the files where they are, until there are new ones.
    """
    records = _records(folder)
    if not (record := records.pop(name, None)):
        return {}
    write_json(folder / "stages.json", records)
    old: dict[str, str] = record["writes"]
    for written, digest in old.items():
        _spare(folder / written, digest)
        if not keep:
            (folder / written).unlink(missing_ok=True)
    return old


def _spare(path: Path, digest: str) -> None:
    """Put a CSV aside that is no longer as it was written: somebody worked on it."""
    if path.suffix == ".csv" and path.is_file() and not _holds(path, digest):
        edited = next(p for k in count(1) if not (p := path.with_name(f"{path.stem}.edited{k}.csv")).exists())
        path.rename(edited)
        log.warning("%s was edited: kept as %s", path.name, edited.name)


def warnings(folder: Path) -> list[str]:
    """What the stages of a folder warned of when they were last done, each thing once."""
    return list(dict.fromkeys(line for record in _records(folder).values() for line in record["warnings"]))


def _records(folder: Path) -> dict[str, dict[str, Any]]:
    """The records of ``stages.json`` that are whole; a stage whose record is not is done again."""
    form = {"fingerprint": str, "writes": dict, "warnings": list}
    return {
        name: record
        for name, record in read_object(folder / "stages.json").items()
        if isinstance(record, dict) and all(isinstance(record.get(key), kind) for key, kind in form.items())
    }


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and file_hash(path) == digest


def _counting(settings: Any, key: str = "") -> Any:
    """Settings as they count: without the machine's, and with the content of the files they name."""
    if isinstance(settings, Mapping):
        return {k: _counting(v, k) for k, v in settings.items() if k not in _MACHINE}
    if isinstance(settings, (list, tuple)):
        return [_counting(value, key) for value in settings]
    if key in _FILES and isinstance(settings, str):
        typed = Path(settings).expanduser()
        found = typed if typed.exists() else find_model(settings)
        return [settings, identity(found) if found else "absent"]
    return settings


def identity(path: Path) -> str:
    """Identity of a file, or of all files in a folder."""
    if path.is_file():
        return sampled_hash(path)
    files = sorted(inner for inner in path.rglob("*") if inner.is_file())
    return fingerprint([[str(inner.relative_to(path)), sampled_hash(inner)] for inner in files])
