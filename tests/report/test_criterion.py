import numpy as np
import pytest

from pipeline.ethology.durations.criteria import criteria
from pipeline.ethology.durations.gaps import single_gaps
from pipeline.ethology.durations.merging import sensitivity
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.durations.tables import CRITERIA, SENSITIVITY
from pipeline.ethology.record import record
from pipeline.report.criterion import gap_figure, sensitivity_figure
from pipeline.report.style import save, styled
from tests.ethology.durations.test_criteria import meals
from tests.ethology.made import ethogram, statistics
from tests.report.test_figures import texts

SETTINGS = BoutSettings(processes=2, resamples=100, grid_points=5)


@pytest.fixture(scope="module")
def study():
    return record(meals(sessions=6), ethogram())


@pytest.fixture(scope="module")
def of_a(study):
    found = criteria(study, SETTINGS, statistics())
    return found.query("level == 'pooled' and behaviour == 'A'")


def lines_at(axes):
    return [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 2 and np.ptp(line.get_xdata()) == 0]


def test_the_criterion_stands_in_both_panels_with_the_fit(study, of_a):
    gaps = single_gaps(study).query("behaviour == 'A'")
    figure = gap_figure(gaps, of_a, 5.0, "Gaps of A")
    chosen = of_a[of_a["chosen"]].iloc[0]
    for axes in figure.axes:
        assert lines_at(axes) == [chosen["criterion_s"], 5.0]
    written = texts(figure)
    for words in (
        "2 processes, exponential",
        f"criterion {chosen['criterion_s']:.3g} s",
        "bridged up to 5 s",
        "468 compl",
    ):
        assert words in written
    (expected,) = [line for line in figure.axes[1].lines if "process" in line.get_label()]
    assert expected.get_ydata().sum() == pytest.approx(468, rel=0.05)  # the fit expects as many as there are


def test_the_survivor_curve_is_logarithmic_and_starts_with_all(study, of_a):
    axes = gap_figure(single_gaps(study).query("behaviour == 'A'"), of_a, 0.0, "t").axes[0]
    assert axes.get_yscale() == "log"
    assert axes.lines[0].get_ydata()[0] == 1.0
    assert np.abs(np.diff(axes.lines[1].get_ydata())).max() < 0.2


def test_without_a_fit_the_reason_is_written(study):
    few = criteria(study, BoutSettings(min_gaps=9999), statistics()).query("level == 'pooled' and behaviour == 'A'")
    figure = gap_figure(single_gaps(study).query("behaviour == 'A'").head(6), few, 0.0, "t")
    assert "not fitted: 468 complete gaps, fewer than 9999" in texts(figure)


def test_nothing_to_draw_is_said(study):
    none = single_gaps(study).iloc[:0]
    assert "no gap between two bouts was seen" in texts(gap_figure(none, CRITERIA.empty(), 0.0, "t"))
    assert "no bout was recorded" in texts(sensitivity_figure(SENSITIVITY.empty(), {}, "t"))


def test_sensitivity_has_a_line_a_behaviour_and_the_same_bytes(study, tmp_path):
    rows = sensitivity(study, SETTINGS).query("level == 'pooled'")
    with styled():
        for name in ("a", "b"):
            figure = sensitivity_figure(rows, ethogram().colours, "Bouts by the gap")
            save(figure, tmp_path / f"{name}.svg", 60)
    left, right = figure.axes
    assert len(left.lines) == len(right.lines) == 3
    assert all((np.diff(line.get_ydata()) <= 0).all() for line in left.lines)  # bridging makes bouts fewer
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
