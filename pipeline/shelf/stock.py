"""Which models there are, and where: in ``models/``, fetched, still to be fetched, or any folder that is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalogue import Entry, catalogue
from pipeline.checksums import SUMS
from pipeline.detectors import folder as detectors
from pipeline.detectors.folder import ARCHITECTURE, DetectorCard
from pipeline.errors import UsageError
from pipeline.model_folder import CARD, PICKLED, fetched_folder, models_folder
from pipeline.recognizers import folder as recognizers
from pipeline.recognizers.card import Card

EMBEDDED, FETCHED, AWAY, OWN = "embedded", "fetched", "can be fetched", "a folder of yours"


@dataclass(frozen=True)
class Model:
    """A model by its name: its folder, None where it is still to be fetched, and its entry, None for all others."""

    name: str
    folder: Path | None
    entry: Entry | None

    @property
    def where(self) -> str:
        """In one word or a few."""
        if self.folder is None:
            return AWAY
        if self.folder.parent == models_folder():
            return EMBEDDED
        return FETCHED if self.folder.parent == fetched_folder() else OWN

    @property
    def kind(self) -> str:
        """``detector`` or ``recognizer``."""
        if self.entry is not None:
            return self.entry.kind
        return "detector" if self.folder is not None and (self.folder / ARCHITECTURE).is_file() else "recognizer"

    def card(self) -> Card | DetectorCard | None:
        """Its card, None where it has none; ``ModelError`` with all the card's faults."""
        if self.folder is None or not (self.folder / CARD).is_file():
            return None
        detector = (self.folder / ARCHITECTURE).is_file()
        return detectors.read_card(self.folder) if detector else recognizers.read_card(self.folder)


def models() -> Iterator[Model]:
    """The embedded ones, those of the catalogue, and what else lies in the folder of fetched ones."""
    entries = catalogue()
    for card in sorted(models_folder().glob(f"*/{CARD}")):
        yield Model(card.parent.name, card.parent, None)
    for entry in entries.values():
        here = all((entry.folder / file).is_file() for file in entry.kept)
        yield Model(entry.name, entry.folder if here else None, entry)
    for sums in sorted(fetched_folder().glob(f"*/{SUMS}")):
        if sums.parent.name not in entries:
            yield Model(sums.parent.name, sums.parent, None)


def model_of(name: str) -> Model:
    """The model that a name or a folder means; what is a folder as typed goes first, as for ``recognizer.model``.

    ``UsageError`` lists the names there are.
    """
    known = {model.name: model for model in models()}
    typed = Path(name).expanduser()
    if typed.is_dir():
        if not any(_of_a_model(path) for path in typed.iterdir()):
            raise UsageError(f"folder {typed} holds no model: no {CARD}, no config.json, no weights")
        same = (model for model in known.values() if model.folder is not None and model.folder.samefile(typed))
        return next(same, Model(typed.resolve().name, typed, None))
    if name not in known:
        own = Path("models") / name
        hint = f"; or give its folder, {own}" if (own / CARD).is_file() else ""
        raise UsageError(f"no model {name}: neither a folder nor one of {', '.join(known)}{hint}")
    return known[name]


def _of_a_model(path: Path) -> bool:
    return path.name in {CARD, SUMS, "config.json"} or path.suffix in PICKLED | {".safetensors"}
