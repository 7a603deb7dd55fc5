"""What the page says about a run, as plain data: the run fills it, the page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.ground.summary import Positions

UNRECORDED = "not recorded"  # in the place of a recognizer's name
RECOGNITION = (  # groups of settings that decide what is told of every frame; all others are of the analysis
    "source", "detector", "camera", "tracker", "tracks", "ground", "naming", "miniscene", "window", "recognizer",
    "ethogram", "visibility", "behaviours",
)  # fmt: skip


@dataclass(frozen=True)
class VideoLine:
    """One video of the run, as the table of videos shows it; the first three are known of one without tables too."""

    key: str
    status: str  # ok, partial, failed or waiting (its run was stopped before it)
    reason: str  # why it is not ok; else empty
    warnings: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    announced: int | None = None  # frames the container promises; None where it does not say
    decoded: int = 0
    timestamps: str = ""  # in words: "29.97 frames/s, even"
    tracks: int = 0
    most_at_once: int = 0
    recognized_s: float = 0.0  # animals' seconds in sight and recognized
    camera_unknown_share: float = 0.0  # share of frames whose camera motion could not be told, 0 to 1
    filled_windows: int = 0  # windows of the recognizer that were filled by repeating the last frame
    filled_tracks: int = 0  # tracks with such a window
    short_tracks: int = 0  # tracks without any other window
    window_s: float = 0.0  # from the first to the last frame of a whole window; 0: there is none
    files: tuple[str, ...] = ()  # worth a link; relative to the page
    positions: Positions | None = None  # on the ground; None: none are told
    told: Mapping[str, str] = field(default_factory=dict)  # what the user's files say of it, by column: session, site


@dataclass(frozen=True)
class RunSummary:
    """The run as a whole."""

    title: str
    source: str
    command: str
    videos: tuple[VideoLine, ...]
    versions: Mapping[str, str]  # program or package to version
    settings: str  # those of ``RECOGNITION``, as YAML
    analysis: str  # all others, as YAML
    model: Mapping[str, str]  # the recognizer's card in a few lines: what to its value
    told: Mapping[str, Any] = field(default_factory=dict)  # all settings, by group
    held_out: Mapping[str, float] = field(default_factory=dict)  # the figures of the recognizer's card; empty: unknown
    held_out_chose_checkpoint: bool = False  # are their clips known to have done so?
    definitions: Mapping[str, str] = field(default_factory=dict)  # what counts as a behaviour, where it is said
    warnings: tuple[str, ...] = ()  # of the stages over all videos
    methods: tuple[str, ...] = ()  # paragraphs to paste into a paper
    citations: tuple[str, ...] = ()  # references of these

    @property
    def trained_on(self) -> str:
        """What the recognizer's card says of its training; empty where it is not known."""
        return self.model.get("trained on", "")

    @property
    def recognizer(self) -> str:
        """What told the behaviours, by name where it is known."""
        name = self.model.get("recognizer", "")
        return "the recognizer" if name in ("", UNRECORDED) else name
