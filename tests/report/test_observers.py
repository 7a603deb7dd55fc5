import numpy as np
import pytest

from pipeline.ethology.observers.compare import observers
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.observers.tables import OBSERVERS
from pipeline.ethology.record import record
from pipeline.report.observers import LEAST_RECORDS, observers_figure
from pipeline.report.style import save, styled
from tests.ethology.made import bouts_of, ethogram
from tests.ethology.observers.test_sampling import random_words
from tests.report.test_figures import texts


@pytest.fixture(scope="module")
def found():
    table = bouts_of({"v.mp4": dict(enumerate(random_words(0, animals=5), 1))})
    how = ObserverSettings(intervals_s=[2, 5, 10], focal_s=[10, 20], offsets=10)
    return observers(record(table, ethogram()), how).assign(records=LEAST_RECORDS)


def test_a_column_a_method_a_line_a_behaviour(found):
    figure = observers_figure(found, ethogram().colours, "Virtual observers")
    assert len(figure.axes) == 8
    bias = {axes.get_title(loc="left") or axes.get_title(): axes for axes in figure.axes[::2]}
    assert set(bias) == {"instantaneous", "scan", "focal", "one-zero: no share of time; own scale"}
    rows = found.query("method == 'scan' and figure == 'share of time' and behaviour == 'A'")
    assert bias["scan"].lines[0].get_ydata() == pytest.approx(100 * rows["bias"].to_numpy())
    for axes in figure.axes:
        assert len([line for line in axes.lines if line.get_marker() == "o"]) == 3
    assert "differences between animals add to it" in texts(figure)


def test_methods_that_estimate_time_share_a_scale(found):
    axes = observers_figure(found, ethogram().colours, "t").axes
    limits = [a.get_ylim() for a in axes[1::2]]
    assert limits[0] == limits[1] == limits[2]
    assert limits[3][1] > limits[0][1]


def test_the_same_bytes_and_words_for_nothing(found, tmp_path):
    with styled():
        for name in ("a", "b"):
            save(observers_figure(found, ethogram().colours, "t"), tmp_path / f"{name}.svg", 60)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    none, few = found.assign(rmse=np.nan), found.assign(records=LEAST_RECORDS - 0.1)
    for table in (OBSERVERS.empty(), none, few):
        assert "no observer had 10 moments or intervals to write down" in texts(observers_figure(table, {}, "t"))
