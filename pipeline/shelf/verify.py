"""A model's folder held against what is recorded of it: one line a file, as ``sha256sum -c`` says it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.artifacts import file_hash
from pipeline.checksums import SUMS, files_of, read_sums
from pipeline.errors import ModelError
from pipeline.model_folder import CARD, PICKLED
from pipeline.shelf.stock import Model

_USED = ".safetensors"  # a file of this ending is loaded, so it has to be recorded


@dataclass(frozen=True)
class Finding:
    """What is to be said of one file, and whether it is as it should be."""

    file: str
    told: str
    good: bool


def verify(model: Model, trusted: Collection[str]) -> Iterator[Finding]:
    """Hold every file of a model that is here against its recorded sha256, and read its card.

    A pickled file is refused by its name, for to read it can run code, unless the catalogue names it or it is
    ``trusted``.
    """
    assert model.folder is not None
    records, broken = _records(model)
    yield from broken
    named = {*trusted, *(model.entry.kept if model.entry else ())}
    there = {path.name for path in files_of(model.folder)}
    if not any(records.values()) and not broken:
        yield Finding(
            SUMS, f"nothing is recorded of {model.folder}, so nothing can be verified; {_remedy(model)}", False
        )
    for name in sorted(there.union(*records.values()) - {finding.file for finding in broken}):
        yield _finding(model.folder / name, records, name in named)


def _records(model: Model) -> tuple[dict[str, dict[str, str]], list[Finding]]:
    """The sha256 of the files by their names, by who tells it; and what of that cannot be read."""
    folder, broken = model.folder, []
    assert folder is not None
    published = model.entry.sha256 if model.entry else {}  # of files that are kept as they were published
    records = {"the catalogue": {file: digest for file, digest in published.items() if (folder / file).is_file()}}
    try:
        records[SUMS] = read_sums(folder)
    except ModelError as error:
        broken.append(Finding(SUMS, f"broken: {error}", False))
    try:
        card = model.card()
        records["the card"] = {Path(name).name: digest for name, digest in card.sha256.items()} if card else {}
    except ModelError as error:
        broken.append(Finding(CARD, f"broken: {error}", False))
    return records, broken


def _finding(path: Path, records: dict[str, dict[str, str]], named: bool) -> Finding:
    told = {who: sums[path.name] for who, sums in records.items() if path.name in sums}
    if not path.is_file():
        return Finding(path.name, f"missing, but {' and '.join(told)} knew it", False)
    if path.suffix in PICKLED and not named:
        advice = f"convert it to safetensors, or say trusted={path.name} where you know who made it"
        return Finding(path.name, f"refused: pickled, to read it can run code; {advice}", False)
    found = file_hash(path)
    if differing := [f"{who} says {digest[:12]}" for who, digest in told.items() if not found.startswith(digest)]:
        return Finding(path.name, f"differs ({found[:12]}, {', '.join(differing)})", False)
    if not told:
        used = path.suffix == _USED and any(records.values())
        return Finding(path.name, "not recorded" + (", yet it would be loaded" if used else ""), not used)
    return Finding(path.name, "ok", True)


def _remedy(model: Model) -> str:
    if model.entry:
        return f"ethopipe models fetch {model.name} records it as it is now"
    return f"cd {model.folder} && sha256sum * > {SUMS} records it as it is now"
