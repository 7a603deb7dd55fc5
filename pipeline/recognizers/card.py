"""A model's card: what its outputs mean, what it must be shown, where it comes from. It travels with the weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.recognizers.preprocessing import Preprocessing

ACTIVATIONS = ("softmax", "sigmoid")


@dataclass(frozen=True)
class Clip:
    """The window a model sees: ``frames`` samples, ``interval_s`` seconds apart.

    ::

        16 frames, 5 / 30 s apart:   f....f....f  ...  f       first to last sample 2.50 s
    """

    frames: int
    interval_s: float

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise ValueError(f"clip.frames must be >= 1, got {self.frames}")
        if not self.interval_s > 0:
            raise ValueError(f"clip.interval_s must be > 0, got {self.interval_s}")

    @property
    def span_s(self) -> float:
        """Seconds from the first sample to the last."""
        return (self.frames - 1) * self.interval_s


@dataclass(frozen=True)
class Card:
    """Name, vocabulary and clip of a recognizer, how its pixels are prepared, and its provenance.

    ``definitions`` say in words what counts as a behaviour. ``activation`` turns the network's outputs into
    probabilities: softmax where one behaviour excludes the others, sigmoid where each is asked for by itself.
    It answers ``moments`` times for a clip, for as many stretches of it that are equally long; mostly once. ``close``:
    it was shown animals that fill their mini-scene, so small ones are enlarged for it. ``speeds`` are the median
    speeds, in body lengths/s, of its behaviours, about whose logarithm those of single windows spread by
    ``speed_spread``; without them it knows pixels alone. ``species_speeds`` are those of single species, by name: of
    two gaits alike the smaller animal's is more body lengths/s. ``dimensionless_speeds``, about which single windows
    spread by ``dimensionless_spread``, are those over the ground in metres, v / sqrt(g * body length), of all species.
    ``thresholds`` are the least probabilities from which behaviours are told. ``mirror`` names behaviours that are
    another in a mirror. ``architecture`` names the network where its folder has no other record.
    ``held_out_chose_checkpoint``: the clips of ``metrics`` also said which weights are best, and so flatter them; None:
    not known. ``species`` are those that its second head tells (``recognizers/species.py``), ``species_metrics`` how
    well.
    """

    name: str
    behaviours: tuple[str, ...]
    clip: Clip
    licence: str = "unknown"
    source: str = ""
    trained_on: str = ""
    not_good_for: str = ""
    definitions: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    held_out_chose_checkpoint: bool | None = None
    sha256: dict[str, str] = field(default_factory=dict)
    architecture: str = ""
    activation: str = "softmax"
    moments: int = 1
    preprocessing: Preprocessing | None = None
    close: bool = False
    speeds: dict[str, float] = field(default_factory=dict)
    speed_spread: float = 0.5
    species_speeds: dict[str, dict[str, float]] = field(default_factory=dict)
    dimensionless_speeds: dict[str, float] = field(default_factory=dict)
    dimensionless_spread: float = 0.2
    thresholds: dict[str, float] = field(default_factory=dict)
    mirror: dict[str, str] = field(default_factory=dict)
    species: tuple[str, ...] = ()
    species_metrics: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.behaviours:
            raise ValueError("behaviours must name at least one behaviour")
        if self.moments < 1 or self.clip.frames % self.moments:
            raise ValueError(f"moments must divide the {self.clip.frames} frames of a clip, got {self.moments}")
        for word, names in (("behaviours", self.behaviours), ("species", self.species)):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{word} must differ, twice here: {', '.join(twice)}")
        if len(self.species) == 1 or "" in self.species:
            raise ValueError(f"species must be names of two or more, or none, got {list(self.species)}")
        speeds = {
            "speeds": self.speeds,
            "dimensionless_speeds": self.dimensionless_speeds,
            **{f"species_speeds of {k}": v for k, v in self.species_speeds.items()},
        }
        for word, told in ({"definitions": self.definitions} | speeds).items():
            if strange := sorted(set(told) - set(self.behaviours)):
                raise ValueError(f"{word} must be of its behaviours, got {', '.join(strange)}")
        for word, own in speeds.items():
            if min(own.values(), default=1.0) <= 0:
                raise ValueError(f"{word} must be > 0, got {list(own.values())}")
        for word, spread in (("speed_spread", self.speed_spread), ("dimensionless_spread", self.dimensionless_spread)):
            if spread <= 0:
                raise ValueError(f"{word} must be > 0, got {spread}")
        if wrong := {k: v for k, v in self.thresholds.items() if k not in self.behaviours or not 0 <= v <= 1}:
            raise ValueError(f"thresholds must be of its behaviours and in [0, 1], got {wrong}")
        twins(self.mirror, self.behaviours)
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")

    @property
    def outputs(self) -> int:
        """Probabilities of a window: of each behaviour, then of each species."""
        return len(self.behaviours) + len(self.species)

    @property
    def mirrored(self) -> list[int]:
        """Which of its ``outputs`` each is in a mirror."""
        return [*twins(self.mirror, self.behaviours), *range(len(self.behaviours), self.outputs)]


def twins(mirror: Mapping[str, str], behaviours: Sequence[str]) -> list[int]:
    """What each behaviour is in a mirror: the number of its twin, or its own. ``ValueError`` for unknown names."""
    if strange := sorted({*mirror, *mirror.values()} - set(behaviours)):
        raise ValueError(f"mirror names {', '.join(strange)}; the behaviours are {', '.join(behaviours)}")
    pairs = [{*pair} for pair in mirror.items()]
    if any(one & other and one != other for one in pairs for other in pairs):
        raise ValueError(f"mirror must name each behaviour in one pair, got {mirror}")
    twin = {other: name for name, other in mirror.items()} | dict(mirror)
    return [behaviours.index(twin.get(name, name)) for name in behaviours]
