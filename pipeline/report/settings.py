"""Settings of the figures, the page and the overlay video."""

from dataclasses import dataclass


@dataclass
class ReportSettings:
    """How results are shown; nothing here changes a number in a table. Values and units: ``configs/report``.

    Raises ``ValueError`` with the rule and the value where one cannot be.
    """

    overlay_width_px: int
    overlay_least_px: int
    overlay_period_s: float
    rows_per_figure: int
    videos_in_page: int
    png: bool
    png_dpi: int
    pdf: bool

    def __post_init__(self) -> None:
        for name, low in (("overlay_least_px", 16), ("rows_per_figure", 1), ("videos_in_page", 0)):
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be >= {low}, got {getattr(self, name)}")
        if not 50 <= self.png_dpi <= 1200:
            raise ValueError(f"png_dpi must be in [50, 1200], got {self.png_dpi}")
        if self.overlay_period_s < 0:
            raise ValueError(f"overlay_period_s must be >= 0, got {self.overlay_period_s}")
        if self.overlay_width_px < self.overlay_least_px:
            raise ValueError(
                f"overlay_width_px must be >= overlay_least_px, got {self.overlay_width_px} < {self.overlay_least_px}"
            )
