import pytest

from pipeline.errors import UsageError


def test_the_default_is_whole(configured):
    assert configured("report").overlay_width_px == 1280


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"overlay_least_px": 4}, "overlay_least_px must be >= 16, got 4"),
        ({"rows_per_figure": 0}, "rows_per_figure must be >= 1, got 0"),
        ({"videos_in_page": -1}, "videos_in_page must be >= 0, got -1"),
        ({"png_dpi": 10}, r"png_dpi must be in \[50, 1200\], got 10"),
        ({"overlay_period_s": -0.1}, "overlay_period_s must be >= 0, got -0.1"),
        ({"overlay_width_px": 320}, "overlay_width_px must be >= overlay_least_px, got 320 < 640"),
    ],
)
def test_settings_that_cannot_be(configured, changes, message):
    with pytest.raises(UsageError, match=message):
        configured("report", **changes)
