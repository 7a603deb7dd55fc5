"""A published model, fetched: its files downloaded or put there by hand, made ready, and their sha256 recorded.

The bytes come in at two places, ``_from_hub`` and ``_from_address``. Pickles of tensors become safetensors, archives
are unpacked, and ``sha256sums.txt`` is written last: a folder that has it was whole.
"""

import dataclasses
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from pipeline.artifacts import file_hash, storage, whole
from pipeline.catalogue import STATE_DICTS, WEIGHTS, Entry, kept_as
from pipeline.checksums import SUMS, read_sums, write_sums
from pipeline.detectors.torchvision import read_state
from pipeline.errors import EthopipeError, MissingPart, ModelError, UsageError
from pipeline.formats.text import last_part
from pipeline.model_folder import CARD, write_card
from pipeline.recognizers.torchvision import published_card, published_weights

_ANSWER_S = 10.0  # how long the hub may take to answer; without a network the error comes at once
_WITHOUT = {
    "detector": "detector=embedded and detector=motion",
    "recognizer": "recognizer=embedded and recognizer=kinematic",
}


def fetch(entry: Entry, folder: Path) -> bool:
    """Fetch what of the entry is not in the folder, make it ready and record it; False where all is there as recorded.

    A file that differs from its record is removed and fetched again; where nothing is recorded, files that somebody put
    there are taken as if they had been downloaded. ``MissingPart`` says what to do without a network; ``ModelError``
    where a file is not the one that was published, is damaged, or would run code to be read; ``UsageError`` where the
    folder holds another model.
    """
    names = [*entry.kept, *([CARD] if entry.source == "torchvision" else [])]
    if recorded := _recorded(folder):
        if not set(entry.kept) <= set(recorded):
            raise UsageError(f"{folder} holds another model ({', '.join(recorded)}); choose another out=FOLDER")
        if not (spoiled := [name for name in names if not _as_recorded(folder / name, recorded)]):
            return False
        _forget(folder, spoiled)
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
    absent = [file for file in entry.files if not ((folder / file).exists() or (folder / kept_as(file)).exists())]
    told = _downloaded(entry, absent, folder) if absent else {}
    _check(folder, {**told, **entry.sha256})
    for file in entry.files:
        _make_ready(folder / file)
    if CARD in names:
        _write_card(entry, folder)
    write_sums(folder, names)
    return True


def _recorded(folder: Path) -> Mapping[str, str]:
    """The recorded sha256 by file; a record that cannot be read says nothing."""
    try:
        return read_sums(folder)
    except ModelError:
        return {}


def _as_recorded(path: Path, recorded: Mapping[str, str]) -> bool:
    return path.is_file() and file_hash(path) == recorded.get(path.name)


def _forget(folder: Path, spoiled: Sequence[str]) -> None:
    """Remove what differs from the record, and then the record: what is left is a folder half fetched."""
    with storage(folder):
        for name in [*spoiled, SUMS]:
            (folder / name).unlink(missing_ok=True)


def _downloaded(entry: Entry, files: Sequence[str], folder: Path) -> Mapping[str, str]:
    """Download files into the folder, each whole or not at all; the sha256 of those whose publisher tells it."""
    part = folder / ".part-fetch"  # kept after a failure: the hub's client goes on from there
    try:
        with storage(folder):
            told = _from_hub(entry, files, part) if entry.source == "huggingface" else _from_address(entry, files, part)
            for file in files:
                (part / file).replace(folder / file)
            shutil.rmtree(part)
    except EthopipeError:
        raise
    except Exception as error:  # the clients raise whatever their transports do
        raise _unreachable(entry, files, folder, error) from error
    return told


def _from_hub(entry: Entry, files: Sequence[str], part: Path) -> Mapping[str, str]:
    from huggingface_hub import HfApi, hf_hub_download

    info = HfApi().model_info(entry.repository, revision=entry.revision, timeout=_ANSWER_S, files_metadata=True)
    there = {file.rfilename: file.lfs for file in info.siblings or []}
    if lost := [file for file in files if file not in there]:
        raise ModelError(
            f"{entry.repository} on the Hugging Face hub does not hold {', '.join(lost)}, but: {', '.join(there)}"
        )
    for file in files:
        hf_hub_download(entry.repository, file, revision=entry.revision, local_dir=part)
    return {file: lfs.sha256 for file in files if (lfs := there[file]) is not None}


def _from_address(entry: Entry, files: Sequence[str], part: Path) -> Mapping[str, str]:
    from torch.hub import download_url_to_file

    part.mkdir(exist_ok=True)
    for file in files:
        download_url_to_file(entry.address(file), str(part / file), progress=sys.stderr.isatty())
    return {}


def _unreachable(entry: Entry, files: Sequence[str], folder: Path, error: Exception) -> MissingPart:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0].strip("<>")
    elsewhere = "" if folder == entry.folder else f" out={shlex.quote(str(folder))}"
    return MissingPart(
        f"cannot fetch {entry.name} ({reason}); on a machine with a network download "
        f"{', '.join(map(entry.address, files))}, put {'it' if len(files) == 1 else 'them'} into {folder} and give "
        f"ethopipe models fetch {entry.name}{elsewhere} again; {_WITHOUT[entry.kind]} work without it"
    )


def _check(folder: Path, known: Mapping[str, str]) -> None:
    """Hold the files as they were published against what is known of them."""
    for file, digest in known.items():
        path = folder / file
        if path.is_file() and not (found := file_hash(path)).startswith(digest):
            raise ModelError(
                f"{path} is not the file that was published: its sha256 is {found[:12]}..., that of the published one "
                f"{digest[:12]}...; remove it and fetch again"
            )


def _make_ready(path: Path) -> None:
    """Turn a published file into the one that is kept; nothing to do where that was done before."""
    if not path.is_file():
        return
    if path.suffix == ".zip":
        _unpack(path)
    elif path.suffix in STATE_DICTS:
        _as_safetensors(path)
    else:
        return
    path.unlink()


def _unpack(path: Path) -> None:
    """The one member that is called as the archive, beside it; no other name of the archive is used as a path."""
    try:
        with ZipFile(path) as archive:
            members = [member for member in archive.infolist() if last_part(member.filename) == path.stem]
            if len(members) != 1:
                raise ModelError(f"{path} holds no {path.stem}, but: {', '.join(archive.namelist()[:5])}")
            with archive.open(members[0]) as packed, whole(path.with_suffix("")) as part, part.open("wb") as file:
                shutil.copyfileobj(packed, file)
    except BadZipFile as error:
        raise ModelError(f"{path} is damaged or no archive: {error}; remove it and fetch again") from error


def _as_safetensors(path: Path) -> None:
    from safetensors.torch import save_file

    state = {name: tensor.clone().contiguous() for name, tensor in read_state(str(path)).items()}  # nothing shared
    with whole(path.with_name(WEIGHTS)) as part:
        save_file(state, part, metadata={"format": "pt"})


def _write_card(entry: Entry, folder: Path) -> None:
    """The card of torchvision's weights, whose folder has no other record of their meaning."""
    card = published_card(entry.repository, published_weights(entry.repository, entry.revision))
    sha256 = {name: file_hash(folder / name) for name in entry.kept}
    write_card(folder, dataclasses.replace(card, name=entry.name, licence=entry.licence, sha256=sha256))
