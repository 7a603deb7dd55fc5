"""SORT, ByteTrack, OC-SORT and BoT-SORT by the ``trackers`` library, set up for animals seen a few times a second.

All four predict where each animal will be and give it the box nearest to that. Unlike with the library's defaults an
unmatched box always begins a track, whatever its score; a track has its identity from its first box on; and likeness of
boxes is not their overlap alone, which a fast animal loses between two looks.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.timebase import CLOSE_S
from pipeline.trackers import NONE
from pipeline.types import Detections, IntArray


class Nearness:
    """Likeness of boxes for the library's trackers: ``(DIoU + 1) / 2``, in [0, 1].

    DIoU (Zheng et al. 2020, AAAI, eq. 7) is IoU less the squared distance of the centres over the squared diagonal of
    the box around both, so it still tells near from far where boxes no longer overlap. It is moved into [0, 1] because
    OC-SORT's second round compares plain IoU with the same threshold: below 0 that would pair any two boxes.
    """

    def compute(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Likeness of each pair ``[n, m]`` of boxes ``[n, 4]`` and ``[m, 4]``."""
        from trackers import DIoU

        likeness: FloatArray = (DIoU().compute(first, second) + 1) / 2
        return likeness

    def normalize_for_fusion(self, likeness: FloatArray) -> FloatArray:
        """As it is: BoT-SORT's hook to bring likeness into [0, 1]."""
        return likeness


def likeness_at(lengths: float) -> float:
    """``Nearness`` of two equal squares whose centres are ``lengths`` >= 0 sides apart along one of them; falls from 1.

    ::

        lengths 0: 1.00    0.5: 0.63    1: 0.40    2: 0.30    3: 0.24
    """
    iou = max(0.0, 1 - lengths) / (1 + lengths) if lengths < 1 else 0.0
    return (1 + iou - lengths**2 / ((1 + lengths) ** 2 + 1)) / 2


def _solid(xyxy: FloatArray) -> FloatArray:
    """Boxes with sides of a pixel at least: OC-SORT divides by them."""
    return np.column_stack([xyxy[:, :2], np.maximum(xyxy[:, 2:], xyxy[:, :2] + 1)])


@dataclass
class Association(ABC):
    """What the four share: settings, start of tracks, numbering. Subclasses say which tracker of the library it is.

    ``max_gap_s`` >= 0: an unseen animal is waited for that long. An animal may be ``reach`` body lengths away from
    where it is expected, and ``speed`` body lengths more for each second between two looks.
    """

    keeps_ids: ClassVar[bool] = False

    max_gap_s: float
    reach: float
    speed: float
    _library: Any = field(init=False, repr=False, default=None)
    _last_s: float = field(init=False, repr=False, default=-1.0)
    _count: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        for name in ("max_gap_s", "reach", "speed"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if self.reach + self.speed == 0:
            raise ValueError("reach and speed must not both be 0: no box would ever be matched")

    def begin(self, period_s: float) -> None:
        """Begin a video whose frames are analysed every ``period_s`` > 0 seconds."""
        self._library = self._tracker(
            period_s,
            likeness_at(self.reach + self.speed * period_s),
            {"frame_rate": 1 / period_s, "minimum_consecutive_frames": 1, "iou": Nearness()},
        )
        self._library.maximum_time_without_update = self.max_gap_s + CLOSE_S  # its parameter is in whole 1/30 s
        self._last_s = -1.0
        self._count = 0

    def update(self, time_s: float, detections: Detections) -> IntArray:
        """Identity of each box ``[n]``, from 1 in order of appearance, ``NONE`` (-1) where it was given none."""
        import supervision as sv

        n = len(detections)
        self._last_s = max(time_s, self._last_s + CLOSE_S)  # two frames of one timestamp: the library wants a step
        boxes = sv.Detections(_solid(detections.xyxy), confidence=self._scores(detections), data={"row": np.arange(n)})
        tracked = self._library.update(boxes, timestamp=self._last_s)
        ids = np.full(n, NONE, dtype=np.int64)
        if n:
            ids[tracked.data["row"]] = tracked.tracker_id  # the library may have put the boxes in another order
            left = np.flatnonzero(ids == NONE)
            for row, track in zip(left, self._begun(boxes.xyxy[left]), strict=True):
                self._count += 1  # numbered now: the library would do so at a track's second box
                ids[row] = track.tracker_id = self._count
        return ids

    def _begun(self, xyxy: FloatArray) -> list[Any]:
        """The library's new tracks, one for each box left over, in their order."""
        return [track for track in self._library.tracks if track.tracker_id == NONE]

    def _scores(self, detections: Detections) -> FloatArray:
        """The scores ``[n]`` shown to the library."""
        return detections.score

    @abstractmethod
    def _tracker(self, period_s: float, likeness: float, common: dict[str, Any]) -> Any:
        """The library's tracker; ``likeness`` is the least of a pair."""


@dataclass
class SortTracker(Association):
    """SORT (Bewley et al. 2016, ICIP): Kalman prediction of the box, one round of optimal assignment."""

    def _tracker(self, period_s: float, likeness: float, common: dict[str, Any]) -> Any:
        from trackers import SORTTracker

        return SORTTracker(track_activation_threshold=0.0, minimum_iou_threshold=likeness, **common)


@dataclass
class ByteTrackTracker(Association):
    """ByteTrack (Zhang et al. 2022, ECCV): boxes of at least ``strong_score`` choose first, others take what is left.

    With ``strong_score`` 0, or where all boxes are on one side of it, this is SORT. Unlike in the paper a weak box that
    fits no track begins one: a detector's scores are no measure of an unusual animal.
    """

    strong_score: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.strong_score <= 1:
            raise ValueError(f"strong_score must be in [0, 1], got {self.strong_score}")

    def _tracker(self, period_s: float, likeness: float, common: dict[str, Any]) -> Any:
        from trackers import ByteTrackTracker

        return ByteTrackTracker(
            track_activation_threshold=np.inf,  # it would begin strong ones only: all are begun here
            high_conf_det_threshold=self.strong_score,
            minimum_iou_threshold=likeness,
            **common,
        )

    def _begun(self, xyxy: FloatArray) -> list[Any]:
        from trackers.core.bytetrack.tracklet import ByteTrackTracklet

        begun = [ByteTrackTracklet(box) for box in xyxy]
        self._library.tracks += begun
        return begun


@dataclass
class OcSortTracker(Association):
    """OC-SORT (Cao et al. 2023, CVPR): prefers boxes that keep the direction, and mends the path after a gap.

    ``direction_weight`` >= 0 is what keeping the direction counts beside likeness; the direction is measured over
    ``direction_s`` seconds, in (0, 60].
    """

    direction_weight: float
    direction_s: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.direction_weight >= 0:
            raise ValueError(f"direction_weight must be >= 0, got {self.direction_weight}")
        if not 0 < self.direction_s <= 60:
            raise ValueError(f"direction_s must be in (0, 60], got {self.direction_s}")

    def _tracker(self, period_s: float, likeness: float, common: dict[str, Any]) -> Any:
        from trackers import OCSORTTracker

        return OCSORTTracker(
            high_conf_det_threshold=0.0,
            minimum_iou_threshold=likeness,
            direction_consistency_weight=self.direction_weight,
            delta_t=max(1, round(self.direction_s / period_s)),
            **common,
        )


@dataclass
class BotSortTracker(Association):
    """BoT-SORT (Aharon et al. 2022, arXiv 2206.14651): noise in proportion to the animal's size.

    Its own camera motion is off: boxes come with the camera's motion taken out.
    """

    def _tracker(self, period_s: float, likeness: float, common: dict[str, Any]) -> Any:
        from trackers import BoTSORTTracker

        return BoTSORTTracker(
            track_activation_threshold=0.0,
            high_conf_det_threshold=0.0,
            minimum_iou_threshold_first_assoc=likeness,
            minimum_iou_threshold_second_assoc=likeness,
            minimum_iou_threshold_unconfirmed_assoc=likeness,
            enable_cmc=False,
            instant_first_frame_activation=False,
            **common,
        )

    def _scores(self, detections: Detections) -> FloatArray:
        return np.ones(len(detections))  # it multiplies likeness by the score, and throws away boxes of 0.1 and less
