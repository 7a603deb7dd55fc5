"""Models printed for a person: the table of all, and the card of one."""

import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from pipeline.artifacts import file_hash
from pipeline.checksums import SUMS, files_of
from pipeline.detectors.folder import DetectorCard
from pipeline.errors import ModelError
from pipeline.model_folder import PICKLED
from pipeline.recognizers.card import Card
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.transformers import card_of
from pipeline.shelf.stock import EMBEDDED, Model
from pipeline.words import defined

_WIDTH, _LABEL = 110, 14
_WHOLE = {"folder", "use", "get it"}  # to be copied: never broken into lines
_MANY = 30  # names that are listed; of more the first few
_EMBEDDED_USE = {
    "kinematic": "recognizer=kinematic",
    "savanna_videomae": "recognizer=embedded behaviours=embedded",
    "savanna_yolo": "detector=embedded",
}


def table(models: Sequence[Model]) -> Iterator[str]:
    """A line a model: name, kind, where it is, size, licence, what it is good for."""
    rows = [("name", "kind", "where", "size", "licence", "what"), *map(_row, models)]
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[5]])


def _row(model: Model) -> tuple[str, ...]:
    entry = model.entry
    if entry is not None:
        licence = entry.licence.split(" (")[0]
        return (model.name, model.kind, model.where, size_text(entry.size_mb), licence, entry.good_for)
    try:
        card = model.card()
    except ModelError as error:
        return (model.name, model.kind, model.where, _size(model), "-", f"broken: {error}")
    what = _listed(_names(card)) if card else "no card"
    return (model.name, model.kind, model.where, _size(model), card.licence if card else "-", what)


def show(model: Model) -> Iterator[str]:
    """All that is known of a model; ``ModelError`` where its card is broken."""
    yield f"{model.name}: {model.kind}, {model.where}"
    for label, text in _lines(model):
        lines = [text] if label in _WHOLE else _wrapped(text)
        for name, line in zip_longest([label], lines, fillvalue=""):
            yield f"  {name:{_LABEL}s}{line}"
    if model.folder is None:
        return
    card = model.card()
    if card is not None and card.metrics:
        yield "  metrics"
        yield from (f"    {line}" for line in _metrics(card.metrics, _names(card)))
    if isinstance(card, Card) and card.species_metrics:
        yield "  metrics of species"
        yield from (f"    {line}" for line in _metrics(card.species_metrics, card.species))
    yield "  files"
    for path in files_of(model.folder):
        pickled = "  (pickled)" if path.suffix in PICKLED else ""
        yield f"    {path.name:28s} {size_text(path.stat().st_size / 1e6):>9s}  {file_hash(path)}{pickled}"
    if not (model.folder / SUMS).is_file():
        yield f"    no {SUMS}: their sha256 is not recorded there"


def _lines(model: Model) -> Iterator[tuple[str, str]]:
    """Label and text of each fact."""
    if model.folder is not None:
        yield "folder", str(model.folder)
    if model.entry is not None:
        yield from _published(model)
    yield "use", use(model)
    card = _meaning(model)
    if isinstance(card, Card):
        yield "behaviours", _listed(card.behaviours)
        if card.definitions:
            yield "that is", defined(card.definitions)
        if card.species:
            yield "species", _listed(card.species)
        yield "clip", _clip(card, known=model.card() is not None)
        if card.preprocessing is not None:
            yield "pixels", _pixels(card.preprocessing)
    elif isinstance(card, DetectorCard):
        yield "species", _listed(card.species)
        yield "trained at", f"{card.image_px} px, the longer side of a picture"
    if card is not None:
        texts = {"licence": "" if model.entry else card.licence, "source": card.source}
        texts |= {"trained on": card.trained_on, "not good for": card.not_good_for}
        yield from ((label, text) for label, text in texts.items() if text)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH - _LABEL - 2, break_long_words=False, break_on_hyphens=False)


def _published(model: Model) -> Iterator[tuple[str, str]]:
    assert model.entry is not None
    entry = model.entry
    yield "good for", entry.good_for
    yield "licence", entry.licence
    yield "from", ", ".join(map(entry.address, entry.files))
    if model.folder is None:
        yield "get it", f"ethopipe models fetch {model.name}   ({size_text(entry.size_mb)}, into {entry.folder})"


def use(model: Model) -> str:
    """The command that uses a model."""
    folder = shlex.quote(str(model.folder))
    if model.entry is not None:
        settings = model.entry.used(model.folder or model.entry.folder)
    elif model.where == EMBEDDED and model.name in _EMBEDDED_USE:
        settings = _EMBEDDED_USE[model.name]
    elif model.kind == "detector":
        settings = f"detector=embedded detector.model={folder}"
    else:
        card = model.card()
        network = "torchvision" if isinstance(card, Card) and card.architecture else "transformers"
        settings = f"recognizer={network} recognizer.model={folder}"
    return f"ethopipe run SOURCE {settings}"


def _meaning(model: Model) -> Card | DetectorCard | None:
    """Its card, or what a Hugging Face folder without one says of itself."""
    card = model.card()
    if card is None and model.folder is not None and (model.folder / "config.json").is_file():
        return card_of(model.folder, model.name, interval_s=1.0)  # not known, and not shown
    return card


def _names(card: Card | DetectorCard) -> tuple[str, ...]:
    return card.behaviours if isinstance(card, Card) else card.species


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _MANY:
        return ", ".join(names)
    return f"{len(names)}, from {', '.join(names[:3])} to {names[-1]}"


def _clip(card: Card, known: bool) -> str:
    if not known:
        return f"{card.clip.frames} frames; how far apart, it does not say: recognizer.interval_s=..."
    return f"{card.clip.frames} frames, {card.clip.interval_s:.4g} s apart: {card.clip.span_s:.2f} s"


def _pixels(pixels: Preprocessing) -> str:
    sides = [
        f"{word} {' x '.join(map(str, size))} px"
        for word, size in (("resized to", pixels.resize), ("cut to", pixels.crop))
        if size
    ]
    return f"{', '.join(sides)}; mean {list(pixels.mean)}, std {list(pixels.std)}"


def _metrics(metrics: Mapping[str, float], names: Sequence[str]) -> Iterator[str]:
    """Figures of the whole in one line each, those of single behaviours as a table."""
    of_one: dict[str, dict[str, float]] = {name: {} for name in names}
    for key, value in metrics.items():
        name = max((name for name in names if key.endswith(f" {name}")), key=len, default=None)
        if name is None:
            yield f"{key} {value:g}"
        else:
            of_one[name][key.removesuffix(f" {name}")] = value
    wide = {word: max(10, len(word)) for figures in of_one.values() for word in figures}
    first = max(map(len, names), default=0)
    if wide:
        yield " ".join([" " * first, *(word.rjust(width) for word, width in wide.items())])
    for name, figures in of_one.items():
        if figures:
            told = (f"{figures[word]:g}" if word in figures else "" for word in wide)
            cells = (text.rjust(width) for text, width in zip(told, wide.values(), strict=True))
            yield " ".join([name.ljust(first), *cells]).rstrip()


def _size(model: Model) -> str:
    assert model.folder is not None
    return size_text(sum(path.stat().st_size for path in files_of(model.folder)) / 1e6)


def size_text(size_mb: float) -> str:
    """Megabytes for a person, to two digits or more."""
    if size_mb >= 1000:
        return f"{size_mb / 1000:.1f} GB"
    if size_mb >= 10:
        return f"{size_mb:.0f} MB"
    return f"{size_mb:.1f} MB" if size_mb >= 0.1 else f"{size_mb * 1000:.1f} kB"
