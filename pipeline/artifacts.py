"""Tables, text and files on disk: written whole or not at all, read back as declared.

A file is written as ``.part-<name>`` beside its place and renamed, so that a killed run leaves either the old file or
the new one. The same table always gives the same bytes.
"""

import errno
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.columns import Table
from pipeline.errors import StorageError, TableError, UsageError
from pipeline.parquet import parquet_blocks, read_parquet, write_parquet
from pipeline.typed_csv import read_typed_csv, write_typed_csv

_FULL = "the disk is full; free some space and run the same command again, finished stages are kept"
_READ_ONLY = "no permission to write there; choose another out=FOLDER"
_HINTS = {  # what to do, by the operating system's number of the error; any other is a bug and is not caught
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.EEXIST: "a file is in the way of the folder; choose another out=FOLDER",
    errno.ENOTDIR: "a file is in the way of the folder; choose another out=FOLDER",
    errno.EISDIR: "a folder is in the way of the file; move it or choose another out=FOLDER",
    errno.ENOENT: "the folder is gone or cannot be made; choose another out=FOLDER",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter out=FOLDER",
    errno.ELOOP: "its links lead in a circle; choose another out=FOLDER",
    errno.EIO: "the disk reports an error; choose another out=FOLDER",
}


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to; it becomes ``path`` when the block ends well, and is removed when it does not.

    The part keeps the suffix, because encoders choose their format by it.
    """
    part = path.with_name(f".part-{path.name}")
    try:
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield part
            part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill; it becomes ``path`` when the block ends well, and is removed when it does not.

    ``UsageError`` where ``path`` is there already: nothing of the user's is written over.
    """
    if path.exists():
        raise UsageError(f"{path} is there already, and nothing is written over; choose another out=FOLDER")
    part = path.with_name(f".part-{path.name}")
    try:
        with storage(path):
            shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
            part.mkdir(parents=True)
            yield part
            part.rename(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write into one clear line."""
    try:
        yield
    except OSError as error:
        if error.errno not in _HINTS:
            raise
        raise StorageError(f"cannot write {path}: {_HINTS[error.errno]}") from error


def write_table(path: Path, data: pd.DataFrame, table: Table) -> None:
    """Write a table as its suffix says (``.parquet`` or ``.csv``), checked and rounded as declared."""
    data = table.cast(data, where=path.name)
    with whole(path) as part:
        if path.suffix == ".csv":
            write_typed_csv(part, data)
        else:
            write_parquet(part, data, table)


def write_csv(path: Path, data: pd.DataFrame) -> None:
    """Write a table that is declared nowhere: figures and curves, numbers to six digits."""
    with whole(path) as part:
        data.to_csv(part, index=False, float_format="%.6g", lineterminator="\n")


def write_graphml(path: Path, graph: Any) -> None:
    """Write a networkx graph with all attributes as GraphML (graphml.graphdrawing.org)."""
    from networkx.readwrite.graphml import generate_graphml

    write_text(path, "\n".join(generate_graphml(graph, prettyprint=True)) + "\n")


def read_table(path: Path, table: Table) -> pd.DataFrame:
    """Read a table back; ``TableError`` with all its faults where it is not what was declared.

    In CSV nothing means missing but the empty cell: a behaviour named "None" or "NA" is a word.
    """
    with _reading(path):
        if path.suffix == ".csv":
            with suppress(ValueError, TableError):  # whatever is not as declared is told of the words
                return table.cast(read_typed_csv(path, table))
            data, known = pd.read_csv(path, keep_default_na=False, dtype="str"), list[str]()
        else:
            data, known = read_parquet(path, table)
    return table.cast(data, where=str(path), known=known)


def read_blocks(path: Path, table: Table, key: str) -> Iterator[pd.DataFrame]:
    """Read a long Parquet table by and by: at least one block, and none parts the rows of one value of ``key``.

    Text may come as categories. ``TableError`` as of ``read_table``, which is the choice for all else.
    """
    with _reading(path):
        for data, known in parquet_blocks(path, table, key):
            yield table.cast(data, where=str(path), known=known)


def column_names(path: Path) -> list[str]:
    """The names of a Parquet file's columns; ``TableError`` where it is none."""
    import pyarrow.parquet as pq

    with _reading(path):
        return list(pq.read_schema(path).names)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what a file may be into one clear line."""
    try:
        yield
    except FileNotFoundError:
        raise TableError(f"no such table: {path}") from None
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise TableError(f"cannot read {path} as a table: {_first_line(error)}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with plain line feeds; bytes of a file name that are no UTF-8 are escaped."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write JSON, indented, keys as given."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON; None where there is no such file or it was cut off."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, json.JSONDecodeError, UnicodeDecodeError):
        return None


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty where there is no such file, it was cut off, or holds something else."""
    value = read_json(path)
    return value if isinstance(value, dict) else {}


def file_hash(path: Path) -> str:
    """SHA-256 of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str:
    """SHA-256 of a file, or of the names and hashes of all files below a folder."""
    if not path.is_dir():
        return file_hash(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return fingerprint({file.relative_to(path).as_posix(): file_hash(file) for file in files})


def sampled_hash(path: Path) -> str:
    """Identity of a large file: SHA-256 of its size, time of change and evenly spread blocks."""
    status = path.stat()
    return _of_blocks(path, f"{status.st_size} {status.st_mtime_ns}")


def sampled_content(path: Path) -> str:
    """The same without the time of change: a copy has it too."""
    return _of_blocks(path, str(path.stat().st_size))


def _of_blocks(path: Path, head: str, blocks: int = 8, block_bytes: int = 1 << 16) -> str:
    digest, size = hashlib.sha256(head.encode()), path.stat().st_size
    with path.open("rb") as file:
        for k in range(blocks):
            file.seek(k * max(size - block_bytes, 0) // (blocks - 1))
            digest.update(file.read(block_bytes))
    return digest.hexdigest()


def fingerprint(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
