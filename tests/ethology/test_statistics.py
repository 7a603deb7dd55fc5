import pytest
from scipy.stats import chi2

from pipeline.errors import UsageError
from pipeline.ethology.statistics import chi_square_p


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"interval_s": 0}, "interval_s must be >= 0.01, got 0.0"),
        ({"by": ["kind"]}, "none of pooled, .*; got 'kind'"),
        ({"by": ["sex", "sex"]}, "by must name columns, each once, and none of pooled, .*; got 'sex'"),
        ({"by": ["species"]}, "got 'species'"),
        ({"time_bin_s": 0}, "time_bin_s must be > 0 or null, got 0.0"),
        ({"min_units": 1}, "min_units must be >= 2, got 1"),
        ({"confidence": 1.0}, r"confidence must be in \(0, 1\), got 1.0"),
        ({"resamples": 10}, "resamples must be >= 100, got 10"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
    ],
)
def test_settings_are_checked(configured, changes, text):
    with pytest.raises(UsageError, match=text):
        configured("statistics", **changes)


def test_p_of_chi_square_is_scipys_and_never_0():
    assert chi_square_p(7.3, 3) == pytest.approx(chi2.sf(7.3, 3))
    assert chi_square_p(500.0, 2) == pytest.approx(chi2.sf(500.0, 2), rel=1e-9)  # 3e-109
    assert chi2.sf(5000.0, 1) == 0
    assert chi_square_p(5000.0, 1) == 1e-300
