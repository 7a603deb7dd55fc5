"""A model's card: what its outputs mean, what it must be shown, where it comes from. It travels with the weights."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Clip:
    """The window a model sees: ``frames`` samples, ``interval_s`` seconds apart.

    ::

        16 frames, 5 / 30 s apart:   f....f....f  ...  f       first to last sample 2.50 s
    """

    frames: int
    interval_s: float

    @property
    def span_s(self) -> float:
        """Seconds from the first sample to the last."""
        return (self.frames - 1) * self.interval_s


@dataclass(frozen=True)
class Card:
    """Name, vocabulary and clip of a recognizer, and its provenance."""

    name: str
    behaviours: tuple[str, ...]
    clip: Clip
    licence: str = "unknown"
    source: str = ""
    trained_on: str = ""
    not_good_for: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
