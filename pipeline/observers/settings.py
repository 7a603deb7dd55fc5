"""What ``ethopipe agree`` was asked for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.rules import hold


@dataclass(frozen=True)
class AgreePlan:
    """Coders' files, bouts.csv files or runs, and how they are put beside one another; ``configs/agree.yaml``."""

    coders: tuple[Path, ...]
    old2new: dict[str, str]
    set: str | None
    fps: float | None
    shift_s: tuple[float, ...]  # of each coder, or none
    how: AgreementSettings
    out: Path

    def __post_init__(self) -> None:
        if len(self.coders) < 2:
            raise ValueError(
                f"give two coders or more; for example: ethopipe agree a.tsv b.tsv, got {len(self.coders)}"
            )
        hold(
            {
                "fps must be > 0 or null": (self.fps, self.fps is None or self.fps > 0),
                f"shift_s must be {len(self.coders)} numbers, one of each coder, or none": (
                    list(self.shift_s),
                    len(self.shift_s) in (0, len(self.coders)),
                ),
            }
        )

    @property
    def names(self) -> list[str]:
        """What the coders are called: see ``names_of``."""
        return names_of(self.coders)

    @property
    def confidence(self) -> float:
        """Of the intervals."""
        return self.how.confidence

    @property
    def resamples(self) -> int:
        """Of the independent units."""
        return self.how.resamples

    @property
    def min_units(self) -> int:
        """With fewer independent units there are no intervals."""
        return self.how.min_units

    def plain(self) -> dict[str, Any]:
        """The settings as they can be written down."""
        given: dict[str, Any] = {"coders": list(map(str, self.coders)), "old2new": self.old2new}
        given |= {"set": self.set, "fps": self.fps, "shift_s": list(self.shift_s)}
        how = {name: value.value if isinstance(value, Enum) else value for name, value in asdict(self.how).items()}
        how["watched"] = self.how.watched.name
        return given | how | {"out": str(self.out)}


def names_of(paths: Sequence[Path]) -> list[str]:
    """Files by their stem, runs by their folder; where two would be alike, with what tells them apart."""
    whole = [path.resolve() for path in paths]
    whole = [path.parent.parent if path.match("tables/bouts.csv") else path for path in whole]
    ways = (
        [path.stem if path.is_file() else path.name for path in whole],
        [path.name for path in whole],
        [f"{path.parent.name}/{path.name}" for path in whole],
        [f"{path.name} ({k})" for k, path in enumerate(whole, start=1)],
    )
    return next(names for names in ways if len(set(names)) == len(names))
