"""What can be fetched: ``models/catalogue.yaml``, typed and checked when it is read."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.model_folder import fetched_folder, models_folder, read_yaml_as

FILE = "catalogue.yaml"
KINDS = ("detector", "recognizer")
WEIGHTS = "model.safetensors"
STATE_DICTS = {".bin", ".pth"}  # pickles of tensors alone: kept as WEIGHTS; .pt and .pyth hold more, their readers know
ADDRESSES = {
    "huggingface": "https://huggingface.co/{repository}/resolve/{revision}/{file}",
    "torchvision": "https://download.pytorch.org/models/{file}",
    "ultralytics": "https://github.com/{repository}/releases/download/{revision}/{file}",
}
_FILE_NAME = re.compile(r"[\w-][\w.-]*")
_DIGEST = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class Entry:
    """A published model: where its files are, what it is for, and how it is used once it is here.

    ``repository`` and ``revision`` are on the Hugging Face hub a repository and its commit or branch, of torchvision an
    architecture and its weights, of ultralytics a repository on GitHub and its release. ``sha256`` has what is known of
    ``files`` as they are published, whole or the first eight digits and more. ``size_mb`` is of the download, about.
    ``use`` are settings of ``ethopipe run``, in which ``{model}`` is what finds the model and ``{folder}`` its folder.
    """

    name: str
    kind: str
    source: str
    repository: str
    revision: str
    files: tuple[str, ...]
    licence: str
    size_mb: float
    good_for: str
    use: str
    sha256: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = []
        if self.kind not in KINDS:
            faults.append(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.source not in ADDRESSES:
            faults.append(f"source must be one of {', '.join(ADDRESSES)}, got {self.source!r}")
        if not self.size_mb > 0:
            faults.append(f"size_mb must be > 0, got {self.size_mb}")
        if not self.files:
            faults.append("files must name at least one file")
        faults += [f"{name!r} must be a plain name" for name in (self.name, *self.files) if not _plain(name)]
        for file, digest in self.sha256.items():
            if file not in self.files or not _DIGEST.fullmatch(digest):
                faults.append(f"sha256 must be 8 to 64 digits in 0-9a-f of one of its files, got {file}: {digest}")
        if faults:
            raise ValueError(f"{self.name}: {'; '.join(faults)}")

    @property
    def folder(self) -> Path:
        """Where it is kept when nothing else is asked for."""
        return fetched_folder() / self.name

    @property
    def kept(self) -> tuple[str, ...]:
        """The files as they are kept, in the order of ``files``: unpacked, state dicts as safetensors."""
        return tuple(kept_as(file) for file in self.files)

    def address(self, file: str) -> str:
        """Where one of its files can be downloaded."""
        return ADDRESSES[self.source].format(repository=self.repository, revision=self.revision, file=file)

    def used(self, folder: Path) -> str:
        """The settings that use it where it lies in ``folder``, as a shell takes them."""
        place = shlex.quote(str(folder))
        return self.use.replace("{model}", self.name if folder == self.folder else place).replace("{folder}", place)


@dataclass(frozen=True)
class Catalogue:
    """All entries, of different names."""

    models: tuple[Entry, ...]

    def __post_init__(self) -> None:
        names = [entry.name for entry in self.models]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"names must differ, twice here: {', '.join(twice)}")


def catalogue(path: Path | None = None) -> dict[str, Entry]:
    """The entries by their names; ``ModelError`` with all that is wrong with the file."""
    read = read_yaml_as(Catalogue, path or models_folder() / FILE)
    return {entry.name: entry for entry in read.models}


def entry_of(name: str) -> Entry:
    """The entry of a name; ``UsageError`` lists the names there are."""
    entries = catalogue()
    if name not in entries:
        raise UsageError(f"nothing of the name {name} can be fetched; there are: {', '.join(entries)}")
    return entries[name]


def kept_as(file: str) -> str:
    """The name under which a published file is kept."""
    path = Path(file)
    if path.suffix == ".zip":
        return path.stem
    return WEIGHTS if path.suffix in STATE_DICTS else file


def _plain(name: str) -> bool:
    return bool(_FILE_NAME.fullmatch(name))
