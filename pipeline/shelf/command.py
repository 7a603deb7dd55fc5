"""The words of ``ethopipe models`` and the lines it answers."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.catalogue import Entry, entry_of
from pipeline.errors import ModelError, UsageError
from pipeline.model_folder import PICKLED
from pipeline.shelf.fetch import fetch
from pipeline.shelf.show import show, size_text, table, use
from pipeline.shelf.stock import AWAY, Model, model_of, models
from pipeline.shelf.verify import verify

HELP = """\
ethopipe models [list]
ethopipe models show NAME_OR_FOLDER
ethopipe models verify [NAME_OR_FOLDER ...] [trusted=FILE,FILE]
ethopipe models fetch NAME [out=FOLDER]

The models that come with ethopipe, those that were fetched, and those that can be.

  list     a line each: kind, where it is, size, licence, what it is good for
  show     the card: behaviours, clip, training data, figures, what it is not good for, files with their sha256
  verify   holds the sha256 of every file against what is recorded (sha256sums.txt, the card, the publisher's own where
           it is known) and reads the card; of all that are here where none is named. Pickled files are refused by
           name, for to read one can run code; trusted= names those that you know
  fetch    downloads a model, turns pickled tensors into safetensors and records what it got; of one that is here, what
           is missing or differs from its record. Without a network it says which file to get elsewhere and where to
           put it

Fetched models are kept in the user's cache folder (ethopipe/models), or in the folder that the variable
ETHOPIPE_MODELS names, and are found by their name: recognizer.model=NAME, init=NAME.
Exit code: 0 all well; 1 an error, said in one line: something differs, is unknown, or cannot be fetched.
"""
_TAKES = {"list": (), "show": (), "verify": ("trusted",), "fetch": ("out",)}


def answer(words: Sequence[str]) -> Iterator[str]:
    """The lines that ``ethopipe models WORDS`` prints, each as soon as it is known.

    ``UsageError`` where the words are not as ``HELP`` says; ``ModelError``, after the last line, where files differ.
    """
    what, *rest = words or ["list"]
    if what not in _TAKES:
        raise UsageError(f"ethopipe models has no {what!r}; there are {', '.join(_TAKES)} (see ethopipe models --help)")
    names, settings = _parsed(what, rest)
    if what == "verify":
        yield from _verified(names, [file for file in settings.get("trusted", "").split(",") if file])
    elif what == "list":
        if names:
            raise UsageError(f"ethopipe models list takes no name, got {names[0]!r}; see ethopipe models show NAME")
        yield from table(list(models()))
    elif len(names) != 1:
        raise UsageError(f"ethopipe models {what} takes one name, got {len(names)}; ethopipe models lists them")
    elif what == "show":
        yield from show(model_of(names[0]))
    else:
        yield from _fetched(names[0], settings.get("out"))


def _parsed(what: str, words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Names, and settings where the word begins with the key of one; a path may hold ``=`` as well."""
    settings = {
        key: value for key, mark, value in (word.partition("=") for word in words) if mark and key in _TAKES[what]
    }
    names = [word for word in words if word.partition("=")[0] not in settings]
    if options := [word for word in names if word.startswith("--")]:
        raise UsageError(f"no option {options[0]}; see ethopipe models --help")
    return names, settings


def _verified(names: Sequence[str], trusted: Sequence[str]) -> Iterator[str]:
    chosen = [model_of(name) for name in names] or [model for model in models() if model.where != AWAY]
    if away := [model.name for model in chosen if model.where == AWAY]:
        raise UsageError(f"not here yet: {', '.join(away)}; get it with: ethopipe models fetch {away[0]}")
    bad, files = [], 0
    for model in chosen:
        for finding in verify(model, trusted):
            files += 1
            yield f"{model.name}/{finding.file}: {finding.told}"
            if not finding.good:
                bad.append(f"{model.name}/{finding.file}")
        if model.entry is not None and not model.entry.sha256:
            yield f"{model.name}: compared with what its first fetch recorded; its publisher's sha256 is not known here"
    if bad:
        raise ModelError(f"{len(bad)} of {files} files are not as they should be: {', '.join(bad)}")


def _fetched(name: str, out: str | None) -> Iterator[str]:
    entry = entry_of(name)
    folder = Path(out).expanduser() if out else entry.folder
    yield f"fetching {name} ({size_text(entry.size_mb)}, {entry.licence}) into {folder}"
    new = fetch(entry, folder)
    yield "its files are recorded in sha256sums.txt" if new else "it is here already"
    yield f"use it: {use(Model(name, folder, entry))}"
    yield f"check it: ethopipe models verify {_named(entry, folder)}"


def _named(entry: Entry, folder: Path) -> str:
    """The words for ``verify``: the name, or the folder with the pickled files that are then the user's to trust."""
    if folder == entry.folder:
        return entry.name
    pickled = ",".join(file for file in entry.kept if Path(file).suffix in PICKLED)
    return shlex.quote(str(folder)) + (f" trusted={pickled}" if pickled else "")
