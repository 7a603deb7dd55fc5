"""What the settings of each verb are, as ``configs/<verb>.yaml`` gives them; those of groups come from classes."""

import dataclasses
from typing import Any

from omegaconf import MISSING

from pipeline.ethology.agreement.settings import Watched
from pipeline.evaluation.settings import Frames
from pipeline.export.settings import Choice, Unit
from pipeline.training.recordings import Recording


@dataclasses.dataclass
class RuntimeSchema:
    """The machine: nothing here may change a result beyond rounding."""

    device: str = MISSING
    half: bool = MISSING


@dataclasses.dataclass
class StudySchema:
    """What is done over all videos, and what the user says of animals and sessions."""

    individuals: str | None = None
    observations: str | None = None
    sessions: str | None = None
    starts: str | None = None
    habitats: str | None = None
    compare: Any = None
    held_out: str | None = None
    audit: Any = None
    statistics: Any = MISSING
    bouts: Any = MISSING
    sequences: Any = MISSING
    observers: Any = MISSING
    design: Any = MISSING
    society: Any = MISSING
    contrasts: Any = MISSING
    correction: Any = MISSING
    report: Any = MISSING


@dataclasses.dataclass
class RunSchema(StudySchema):
    """``ethopipe run``."""

    source: list[str] = MISSING
    out: str | None = None
    scenes: bool = MISSING
    overlay: bool = MISSING
    plugins: list[str] = MISSING
    runtime: RuntimeSchema = MISSING
    detector: Any = MISSING
    camera: Any = MISSING
    tracker: Any = MISSING
    tracks: Any = MISSING
    ground: Any = MISSING
    miniscene: Any = MISSING
    window: Any = MISSING
    recognizer: Any = MISSING
    ethogram: Any = MISSING
    visibility: Any = MISSING
    behaviours: Any = MISSING
    naming: Any = MISSING


@dataclasses.dataclass
class DemoSchema(RunSchema):
    """``ethopipe demo``: a run on a scene that it films itself."""

    seed: int = MISSING
    scene: Any = MISSING


@dataclasses.dataclass
class SimulateSchema:
    """``ethopipe simulate``."""

    out: str | None = None
    seed: int = MISSING
    scene: Any = MISSING


@dataclasses.dataclass
class TrainSchema:
    """``ethopipe train``."""

    data: str = MISSING
    labels: Any = MISSING
    old2new: Any = None
    classes: list[str] = MISSING
    frame_rate: float | None = None
    scenes: str | None = None
    check_leaks: bool = MISSING
    out: str = MISSING
    init: str | None = None
    weights: str | None = None
    vocabulary: list[str] = MISSING
    exclusive: bool = MISSING
    species: bool = MISSING
    mirror: dict[str, str] = MISSING
    told_right: float | None = None
    seed: int = MISSING
    device: str = MISSING
    threads: int | None = None
    workers: int = MISSING
    max_minutes: float | None = None
    miniscene: Any = MISSING
    split: Any = MISSING
    network: Any = MISSING
    augmentation: Any = MISSING
    fit: Any = MISSING
    about: Any = MISSING


@dataclasses.dataclass
class TrainDetectorSchema:
    """``ethopipe train detector=yolo``."""

    detector: str | None = None
    data: Any = MISSING
    labels: str | None = None
    species: dict[str, str] = MISSING
    vocabulary: list[str] = MISSING
    recording: Recording = MISSING
    check_leaks: bool = MISSING
    out: str = MISSING
    init: str | None = None
    pictures: Any = MISSING
    fit: Any = MISSING
    seed: int = MISSING
    device: str = MISSING
    threads: int | None = None
    workers: int = MISSING
    max_minutes: float | None = None
    licence: str = MISSING
    trained_on: str = MISSING
    not_good_for: str = MISSING


@dataclasses.dataclass
class EvaluateSchema:
    """``ethopipe evaluate``."""

    scores: str | None = None
    run: str | None = None
    labels: Any = MISSING
    truth: str | None = None
    tracks: str | None = None
    frames: Frames = MISSING
    old2new: Any = None
    out: str | None = None
    block: int | None = None
    precision: float = MISSING
    confidence: float = MISSING
    resamples: int = MISSING
    min_units: int = MISSING
    seed: int = MISSING


@dataclasses.dataclass
class AnalyzeSchema(StudySchema):
    """``ethopipe analyze``."""

    runs: Any = MISSING
    out: str | None = None
    min_bout_s: float | None = None


@dataclasses.dataclass
class AuditSchema:
    """``ethopipe audit``."""

    run: str = MISSING
    out: str | None = None
    set: str | None = None
    films: bool = MISSING
    per_behaviour: int = MISSING
    per_stratum: int = MISSING
    window_s: float = MISSING
    unknown: bool = MISSING
    seed: int = MISSING


@dataclasses.dataclass
class AgreeSchema:
    """``ethopipe agree``."""

    coders: list[str] = MISSING
    old2new: Any = None
    set: str | None = None
    fps: float | None = None
    shift_s: list[float] = MISSING
    out: str | None = None
    unit_s: float = MISSING
    tolerance_s: float = MISSING
    link_s: float = MISSING
    overlap: float = MISSING
    nothing_coded: bool = MISSING
    watched: Watched = MISSING
    confidence: float = MISSING
    resamples: int = MISSING
    min_units: int = MISSING
    min_compared_s: float = MISSING
    seed: int = MISSING


@dataclasses.dataclass
class ExportSchema:
    """``ethopipe export``."""

    run: str = MISSING
    out: str | None = None
    format: Any = MISSING
    unit: Unit = MISSING
    prelabel: bool = MISSING
    more_behaviours: list[str] = MISSING
    per_behaviour: int | None = None
    choose: Choice = MISSING
    min_s: float = MISSING
    seed: int = MISSING


SCHEMAS = {
    "run": RunSchema,
    "demo": DemoSchema,
    "simulate": SimulateSchema,
    "train": TrainSchema,
    "train_detector": TrainDetectorSchema,
    "evaluate": EvaluateSchema,
    "analyze": AnalyzeSchema,
    "agree": AgreeSchema,
    "audit": AuditSchema,
    "export": ExportSchema,
}
TYPED = {"train_detector": "train detector=yolo"}  # what is typed for a verb that has several forms
