"""What lies in given windows of time of given animals: seconds, starts and cut bouts, by search and never by loop."""

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.observers.line import Line, Spans
from pipeline.timebase import CLOSE_S
from pipeline.types import BoolArray, IntArray


class Clock:
    """All places one after the other on one line of time, so that a sorted search finds the place and the moment."""

    def __init__(self, line: Line) -> None:
        self._first = float(line.tracked.start_s.min(initial=0.0))
        self._shift = float(line.tracked.stop_s.max(initial=0.0)) - self._first + 1.0
        self._visible = self._of(line.visible)
        begun, self._bouts = line.begun, []
        for code in range(len(line.names)):
            mine = line.code == code
            bouts = self._of(Spans(line.place[mine], line.start_s[mine], line.stop_s[mine]))
            self._bouts.append((bouts, np.sort(self._at(line.place, line.start_s)[mine & begun])))

    def visible(self, place: IntArray, start_s: FloatArray, stop_s: FloatArray) -> FloatArray:
        """``[w]`` seconds in which behaviour is recognized."""
        return _within(self._visible, self._at(place, start_s), self._at(place, stop_s))

    def there(self, places: IntArray, time_s: FloatArray) -> BoolArray:
        """``[times, places]`` whose behaviour is recognized at each time."""
        at = self._at(places[None, :], time_s[:, None]) + CLOSE_S
        start, stop = self._visible
        number = np.searchsorted(start, at, side="right") - 1
        return (number >= 0) & (at < stop[np.maximum(number, 0)] if len(stop) else np.zeros(at.shape, dtype=bool))

    def behaviour(
        self, code: int, place: IntArray, start_s: FloatArray, stop_s: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """``[w]`` each: seconds in a behaviour, starts seen, bouts cut by an end of the window, all bouts in it."""
        (start, stop), begun = self._bouts[code]
        low, high = self._at(place, start_s), self._at(place, stop_s)
        starts = np.searchsorted(begun, high - CLOSE_S) - np.searchsorted(begun, low - CLOSE_S)
        first, last = np.searchsorted(stop, low + CLOSE_S, side="right"), np.searchsorted(start, high - CLOSE_S)
        bouts = np.maximum(last - first, 0)
        cut_low = (bouts > 0) & (_value(start, first) < low - CLOSE_S)
        cut_high = (bouts > 0) & (_value(stop, last - 1) > high + CLOSE_S)
        cut = cut_low.astype(np.float64) + (cut_high & ~(cut_low & (bouts == 1)))
        return _within((start, stop), low, high), starts.astype(np.float64), cut, bouts.astype(np.float64)

    def _of(self, spans: Spans) -> tuple[FloatArray, FloatArray]:
        """Starts and stops on the line, rising."""
        start, stop = self._at(spans.place, spans.start_s), self._at(spans.place, spans.stop_s)
        order = np.argsort(start, kind="stable")
        return start[order], stop[order]

    def _at(self, place: IntArray, time_s: FloatArray) -> FloatArray:
        result: FloatArray = place * self._shift + (time_s - self._first)
        return result


def _within(spans: tuple[FloatArray, FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Seconds of the spans in each ``[low, high)``."""
    return _before(spans, high) - _before(spans, low)


def _before(spans: tuple[FloatArray, FloatArray], at: FloatArray) -> FloatArray:
    """Seconds of the spans before each time."""
    start, stop = spans
    if len(start) == 0:
        return np.zeros(len(at))
    lasts = stop - start
    number = np.searchsorted(start, at, side="right") - 1
    whole = np.append(0.0, lasts.cumsum())
    here = np.maximum(number, 0)
    result: FloatArray = np.where(number >= 0, whole[here] + np.clip(at - start[here], 0.0, lasts[here]), 0.0)
    return result


def _value(values: FloatArray, number: IntArray) -> FloatArray:
    """The values at numbers that may lie beyond both ends; what is taken there is not used."""
    return values[np.clip(number, 0, len(values) - 1)] if len(values) else np.zeros(len(number))
