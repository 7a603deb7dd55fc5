import logging
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from pipeline import tables
from pipeline.errors import ModelError
from pipeline.look import look
from pipeline.miniscenes import mini_scenes
from pipeline.recognizers.card import Card, Clip
from pipeline.video.frames import ArrayFrame
from pipeline.windows import plan
from tests.test_miniscenes import track


@dataclass
class Numbers:
    """Footage of 64 x 48 px whose frame k has brightness k; it counts what is asked of it."""

    last: int = 10_000
    asked: list[int] = field(default_factory=list)
    made: list[int] = field(default_factory=list)

    def frames(self, wanted):
        self.asked += wanted.tolist()
        for index in wanted.tolist():
            if index > self.last:
                return
            self.made.append(index)
            yield ArrayFrame(index, index / 10, np.full((48, 64, 3), index % 256, dtype=np.uint8))


@dataclass
class Recorder:
    """A recognizer that scores a window by the brightness of its first image and remembers its batches."""

    reads_pixels: bool = True
    batch: int = 3
    card: Card = field(default_factory=lambda: Card("recorder", ("low", "high"), Clip(3, 0.4)))
    batches: list[list[tuple[int, int]]] = field(default_factory=list)
    shown: list[list[int]] = field(default_factory=list)
    answer: np.ndarray | None = None

    def begin(self, video):
        pass

    def score(self, windows):
        self.batches.append([(window.track, window.start_frame) for window in windows])
        if self.answer is not None:
            return self.answer
        if self.reads_pixels:
            self.shown += [window.images[:, 24, 32, 0].tolist() for window in windows]
        high = np.array([window.start_frame / 100 for window in windows])
        return np.column_stack([1 - high, high])


BOX = (22, 18, 42, 30)  # its middle is the picture's middle


def prepared(configured, rows, stride_s=0.4):
    settings = configured("miniscene", width_px=64, height_px=48)
    scenes = mini_scenes(rows, settings)
    windows = plan(scenes, tables.CAMERA.empty(), Clip(3, 0.4), configured("window", stride_s=stride_s, tail="drop"))
    return windows, scenes, settings


def herd(*tracks):
    return pd.concat(
        [track([BOX] * n, k + 1, np.arange(first, first + n), fps=10) for k, (first, n) in enumerate(tracks)]
    )


def test_no_window_gives_no_scores_and_wants_no_frame(configured):
    footage, told = Numbers(), []
    scores = look(footage.frames, *prepared(configured, tables.TRACKS.empty()), Recorder(), told.append)
    assert (len(scores), footage.asked, told) == (0, [], [])
    assert list(scores.columns) == [*tables.SCORES.names, "p_low", "p_high"]


def test_one_window(configured):
    told = []
    scores = look(Numbers().frames, *prepared(configured, herd((10, 9))), Recorder(), told.append)
    assert scores.to_dict("records") == [
        {"track": 1, "start_frame": 10, "stop_frame": 19, "time_s": 1.0, "repeated": False, "p_low": 0.9, "p_high": 0.1}
    ]
    assert told == [1]


def test_only_the_needed_frames_are_asked_for_and_each_once(configured):
    footage, recorder = Numbers(), Recorder()
    look(footage.frames, *prepared(configured, herd((0, 17), (4, 13))), recorder, lambda n: None)
    assert footage.made == [0, 4, 8, 12, 16]
    assert sorted(recorder.shown) == sorted([[0, 4, 8], [4, 8, 12], [8, 12, 16], [4, 8, 12], [8, 12, 16]])


def test_batches_hold_windows_of_all_animals_in_the_order_in_which_they_end(configured):
    recorder = Recorder()
    look(Numbers().frames, *prepared(configured, herd((0, 17), (4, 13))), recorder, lambda n: None)
    assert recorder.batches == [[(1, 0), (1, 4), (2, 4)], [(1, 8), (2, 8)]]


def test_scores_come_by_track_and_time_whatever_the_batches(configured):
    windows, scenes, settings = prepared(configured, herd((0, 17), (4, 13)))
    answers = [
        look(Numbers().frames, windows, scenes, settings, Recorder(batch=batch), lambda n: None) for batch in (1, 2, 99)
    ]
    assert answers[0][["track", "start_frame"]].to_numpy().tolist() == [[1, 0], [1, 4], [1, 8], [2, 4], [2, 8]]
    assert answers[0].equals(answers[1])
    assert answers[0].equals(answers[2])


def test_a_recognizer_without_pixels_opens_no_footage(configured):
    footage = Numbers()
    recorder = Recorder(reads_pixels=False)
    scores = look(footage.frames, *prepared(configured, herd((0, 17))), recorder, lambda n: None)
    assert (len(scores), footage.asked) == (3, [])


def test_crops_are_dropped_after_their_last_use(configured):
    """However long the video, no more crops live than one window spans."""
    from pipeline import look as module

    windows, scenes, settings = prepared(configured, herd((0, 400)))
    desk = module._Cutting.of(windows, scenes, settings)
    most = 0
    waiting = list(windows)
    for frame in Numbers().frames(np.array(sorted(desk.wanted))):
        desk.cut(frame)
        while waiting and waiting[0].frames[-1] <= frame.index:
            assert desk.take(waiting.pop(0)) is not None
        most = max(most, len(desk.crops))
    assert most == 2  # of the 3 samples of a window, the last goes as soon as it is cut
    assert (desk.crops, sum(desk.uses.values())) == ({}, 0)


def test_footage_that_breaks_off_loses_only_what_it_lacks(configured, caplog):
    told = []
    with caplog.at_level(logging.WARNING):
        scores = look(Numbers(last=13).frames, *prepared(configured, herd((0, 25))), Recorder(), told.append)
    assert scores["start_frame"].tolist() == [0, 4]
    assert caplog.messages == ["3 of 5 windows left out: the footage broke off"]
    assert sum(told) == 5


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.ones((2, 2)), r"model recorder: expected scores \[1, 2\], got \[2, 2\]"),
        (np.ones((1, 3)), r"model recorder: expected scores \[1, 2\], got \[1, 3\]"),
        (np.array([[np.nan, 1.0]]), "model recorder gives scores that are not probabilities"),
        (np.array([[1.5, 0.0]]), "model recorder gives scores that are not probabilities"),
    ],
)
def test_scores_that_are_none_are_refused(configured, answer, message):
    with pytest.raises(ModelError, match=message):
        look(Numbers().frames, *prepared(configured, herd((0, 9))), Recorder(answer=answer), lambda n: None)


def test_windows_without_any_score_are_told(configured, caplog):
    with caplog.at_level(logging.WARNING):
        scores = look(
            Numbers().frames, *prepared(configured, herd((0, 9))), Recorder(answer=np.zeros((1, 2))), lambda n: None
        )
    assert scores[["p_low", "p_high"]].to_numpy().tolist() == [[0, 0]]
    assert caplog.messages == ["recorder gives no score for 1 of 1 windows: unknown there"]


def test_a_recognizer_of_moments_has_a_row_for_each(configured):
    rows = track([BOX] * 13, fps=10)  # 1.2 s: windows of 0.8 s from frames 0 and 4, whose samples are 4 frames apart
    windows, scenes, settings = prepared(configured, rows)
    recognizer = Recorder(batch=5, card=Card("recorder", ("low", "high"), Clip(3, 0.4), moments=3))
    recognizer.answer = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]] * 2)
    scores = look(Numbers().frames, windows, scenes, settings, recognizer, lambda done: None)
    spans = list(zip(scores["start_frame"].tolist(), scores["stop_frame"].tolist(), strict=True))
    assert spans == [(0, 2), (2, 6), (4, 6), (6, 9), (6, 10), (10, 13)]
    assert scores["p_high"].tolist() == [0.1, 0.8, 0.1, 0.3, 0.8, 0.3]
    assert scores["time_s"].tolist() == pytest.approx([0.0, 0.4, 0.4, 0.8, 0.8, 1.2])


def test_a_window_is_silent_where_all_its_moments_are(configured, caplog):
    prepare = prepared(configured, track([BOX] * 13, fps=10))
    recognizer = Recorder(batch=5, card=Card("recorder", ("low", "high"), Clip(3, 0.4), moments=3))
    recognizer.answer = np.array([[0.9, 0.1], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]])
    with caplog.at_level(logging.WARNING):
        look(Numbers().frames, *prepare, recognizer, lambda done: None)
    assert caplog.messages == ["recorder gives no score for 1 of 2 windows: unknown there"]


def test_moments_of_a_repeated_frame_are_no_rows(configured):
    settings = configured("miniscene", width_px=64, height_px=48)
    scenes = mini_scenes(track([BOX] * 2, fps=10), settings)
    windows = plan(scenes, tables.CAMERA.empty(), Clip(3, 0.4), configured("window", tail="repeat_last"))
    recognizer = Recorder(card=Card("recorder", ("low", "high"), Clip(3, 0.4), moments=3))
    recognizer.answer = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    scores = look(Numbers().frames, windows, scenes, settings, recognizer, lambda done: None)
    assert (scores["stop_frame"] > scores["start_frame"]).all()
    assert scores["stop_frame"].max() == 2
