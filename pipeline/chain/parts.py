"""What a run over videos works with, as it was built from the settings."""

from dataclasses import dataclass

import pandas as pd

from pipeline.camera import CameraSettings
from pipeline.detectors import Detector
from pipeline.ethology.behaviours import BehaviourSettings
from pipeline.ethology.contrasts.conditions import Comparison
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.sheet import Audit
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.naming import NamingSettings
from pipeline.ethology.observers.settings import DesignSettings, ObserverSettings
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.society.geojson import Habitats
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.visibility import VisibilitySettings
from pipeline.ground.settings import GroundSettings
from pipeline.miniscenes import MiniSceneSettings
from pipeline.recognizers import Recognizer
from pipeline.report.settings import ReportSettings
from pipeline.trackers import Tracker
from pipeline.tracks.follow import TrackSettings
from pipeline.windows import WindowSettings


@dataclass(frozen=True)
class Parts:
    """Everything that was built from the settings, by the name of its group."""

    detector: Detector
    camera: CameraSettings
    tracker: Tracker
    tracks: TrackSettings
    ground: GroundSettings
    miniscene: MiniSceneSettings
    window: WindowSettings
    recognizer: Recognizer
    ethogram: Ethogram
    visibility: VisibilitySettings
    behaviours: BehaviourSettings
    naming: NamingSettings
    statistics: StatisticsSettings
    report: ReportSettings
    individuals: pd.DataFrame | None  # the user's files, as read
    observations: pd.DataFrame | None
    sessions: pd.DataFrame | None
    starts: pd.DataFrame | None
    habitats: Habitats | None
    bouts: BoutSettings
    sequences: SequenceSettings
    observers: ObserverSettings
    design: DesignSettings
    society: SocietySettings
    contrasts: ContrastSettings
    compare: tuple[Comparison, ...]
    correction: CorrectionSettings
    held_out_clips: pd.DataFrame | None
    audit: Audit | None
