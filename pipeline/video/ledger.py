"""The frames of one video as they were decoded: when each is shown, and what is wrong with it."""

from array import array
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.tables import FRAMES
from pipeline.timebase import seconds
from pipeline.types import BoolArray

RESTART_S = 1.0  # a clock that falls back by more was restarted; by less, a frame came late
CONSTANT_SHARE = 0.75  # a video whose steps are this often the usual one has a constant rate
CONSTANT_SPREAD = 0.25  # steps within this share of the usual one are the usual one
GAP_STEPS = 1.5  # a longer step leaves out frames where the rate is constant ...
GAP_STEPS_VARIABLE = 10.0  # ... and where it is not

_FAULTS = {"duplicate": 1, "order": 2, "corrupt": 4}  # bits; gaps are found when all steps are known


class Ledger:
    """Takes down every decoded frame and gives it its number and its time.

    Times are presentation timestamps less the first, and never fall, so that every frame keeps its number:

    - *duplicate*: the same timestamp as the frame before. It takes no time.
    - *order*: the timestamp falls. By up to a second, the frame came late and is given the time of the frame before;
      by more, the clock was restarted (clips joined, a recorder that wrapped): this frame follows one step after the
      frame before, and later ones are counted from it.
    - *gap*: frames are missing before this one: it comes more than 1.5 usual steps (the median) after the frame before.
      Where less than three quarters of the steps are within 25 % of the usual one the rate is variable, and only a step
      of more than ten usual ones counts.
    - *corrupt*: the decoder found its bytes damaged. Frames after it, up to the next key frame, are built on it. FFmpeg
      finds such damage in H.264; in HEVC it finds lost frames (a gap) but not changed bytes inside one.

    A frame without a timestamp comes one step of ``rate`` after the frame before. Where ``counted`` is set before the
    first frame the container stores no presentation times at all (AVI with B-frames): frame ``i`` is shown at
    ``i / rate``.
    """

    def __init__(self, rate: Fraction | None) -> None:
        self._rate, self.counted = rate, False
        self._times_s, self._faults = array("d"), bytearray()
        self._first = self._last = self._offset = 0
        self._last_duration_s = 0.0
        self.guessed = 0  # frames timed by the rate
        self.lost = 0  # packets that gave no frame
        self.ended = False  # True once the video was decoded to its end, or to where it breaks

    def __len__(self) -> int:
        return len(self._times_s)

    def add(self, pts: int | None, time_base: Fraction, duration: int, corrupt: bool) -> tuple[int, float]:
        """Take down one frame, in the order of the decoder; returns its number and its time in seconds.

        ``pts`` and ``duration`` are in ticks of ``time_base``.
        """
        index, fault = len(self), _FAULTS["corrupt"] * corrupt
        if self.counted or pts is None:
            self.guessed += 1
            step = 1 / (self._rate * time_base) if self._rate else Fraction(duration)
            pts = round(index * step) if self.counted else self._last + round(step) * (index > 0)
        else:
            pts, order = self._risen(pts + self._offset, time_base, duration)
            fault |= order
        self._first = self._first if index else pts
        self._last = pts
        self._last_duration_s = seconds(duration, time_base)
        self._times_s.append(seconds(pts - self._first, time_base))
        self._faults.append(fault)
        return index, self._times_s[-1]

    def _risen(self, pts: int, time_base: Fraction, duration: int) -> tuple[int, int]:
        """A timestamp that does not fall, and its fault."""
        if len(self) == 0 or pts > self._last:
            return pts, 0
        if pts == self._last:
            return pts, _FAULTS["duplicate"]
        if (self._last - pts) * time_base <= RESTART_S:
            return self._last, _FAULTS["order"]
        resumed = self._last + max(duration, 1)
        self._offset += resumed - pts
        return resumed, _FAULTS["order"]

    @property
    def times_s(self) -> FloatArray:
        """Times of the frames [n]."""
        return np.array(self._times_s, dtype=np.float64)

    def table(self) -> pd.DataFrame:
        """``FRAMES``: a frame lasts until the next one, the last its own duration."""
        times_s = self.times_s
        faults = np.frombuffer(bytes(self._faults), dtype=np.uint8)
        named = {"gap": gaps(times_s)} | {name: (faults & bit) > 0 for name, bit in _FAULTS.items()}
        words = [" ".join(name for name in named if named[name][i]) for i in range(len(times_s))]
        durations_s = np.diff(times_s, append=self.stop_s) if len(times_s) else times_s
        columns = {"frame": np.arange(len(times_s)), "time_s": times_s, "duration_s": durations_s, "fault": words}
        return FRAMES.cast(pd.DataFrame(columns))

    @property
    def step_s(self) -> float:
        """The usual time from one frame to the next (median); of a single frame, what the rate says."""
        if len(self) > 1:
            return float(np.median(np.diff(self.times_s)))
        return float(1 / self._rate) if self._rate else 0.0

    @property
    def stop_s(self) -> float:
        """When the last frame ends: after its own duration, or else the usual step."""
        return self._times_s[-1] + (self._last_duration_s or self.step_s) if len(self) else 0.0

    def notes(self) -> list[str]:
        """What a user should know of the frames, a line each."""
        table, times_s = self.table(), self.times_s
        notes = []
        if self.lost:
            notes.append(f"{_many(self.lost, 'packet')} could not be decoded")
        if self.guessed:
            notes.append(f"{_many(self.guessed, 'frame')} without a timestamp, timed by the rate of {self._rate}")
        if variable(times_s):
            steps = np.diff(times_s)
            notes.append(
                f"variable frame rate: steps of {steps.min():.3f} to {steps.max():.3f} s, "
                f"median {np.median(steps):.3f}; timestamps are used as they are"
            )
        for fault, told in _TOLD.items():
            frames = table.loc[table["fault"].str.contains(fault, regex=False), "frame"]
            if len(frames):
                notes.append(told(len(frames), int(frames.iloc[0])))
        return notes


def gaps(times_s: FloatArray) -> BoolArray:
    """Is a frame [n] preceded by missing ones? The rule is drawn in ``Ledger``."""
    steps = np.diff(times_s)
    rising = steps[steps > 0]
    if len(rising) < 2:
        return np.zeros(len(times_s), dtype=np.bool_)
    longest = GAP_STEPS_VARIABLE if variable(times_s) else GAP_STEPS
    return np.concatenate([[False], steps > longest * np.median(rising)])


def variable(times_s: FloatArray) -> bool:
    """Do frames come at no constant rate?"""
    steps = np.diff(times_s)
    steps = steps[steps > 0]
    if len(steps) < 2:
        return False
    usual = np.abs(steps / np.median(steps) - 1) <= CONSTANT_SPREAD
    return bool(usual.mean() < CONSTANT_SHARE)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


_TOLD: dict[str, Callable[[int, int], str]] = {
    "gap": lambda n, first: f"{_many(n, 'gap')} where frames are missing (first: before frame {first})",
    "duplicate": lambda n, first: f"{_many(n, 'frame')} with the timestamp of the frame before (first: frame {first})",
    "order": lambda n, first: f"{_many(n, 'frame')} with a falling timestamp (first: frame {first})",
    "corrupt": lambda n, first: (
        f"{_many(n, 'damaged frame')} (first: frame {first}); those after it, up to the next key frame, are built on it"
    ),
}
