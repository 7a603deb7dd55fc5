"""Parquet files: each column with its rules beside it, and long ones read by and by.

What was held against a declaration when it was written need not be when it is read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.columns import Column, Table

_MARK = b"ethopipe.column"  # of a column: its rules
_FREED = {"split_blocks": True, "self_destruct": True}  # column by column: a large table is never held twice
_BLOCK = 2**17  # rows that are read at a time
_BUFFER = 2**18  # bytes of a column that are read at a time; else a million rows of it


def write_parquet(path: Path, data: pd.DataFrame, table: Table) -> None:
    """Write a table that is as declared."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made, declared = pa.Table.from_pandas(data, preserve_index=False), _declared(table)
    fields = [
        field.with_metadata({_MARK: declared[field.name]} if field.name in declared else {}) for field in made.schema
    ]
    pq.write_table(made.cast(pa.schema(fields, metadata=made.schema.metadata)), path)


def read_parquet(path: Path, table: Table) -> tuple[pd.DataFrame, list[str]]:
    """The columns that the table declares, and which of them are known to be as declared."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        columns, known = _columns(file.schema_arrow, table)
        return file.read(columns).to_pandas(**_FREED), known


def parquet_blocks(path: Path, table: Table, key: str) -> Iterator[tuple[pd.DataFrame, list[str]]]:
    """The same in blocks that part no value of ``key``, with text as categories.

    It is one block of text where ``key`` falls somewhere or not all is known to be as declared.
    """
    import pyarrow.parquet as pq

    words = [column.name for column in table.columns if column.kind == "str"]
    with pq.ParquetFile(path, read_dictionary=words, pre_buffer=False, buffer_size=_BUFFER) as file:
        columns, known = _columns(file.schema_arrow, table)
        if known == table.names and _rises(file, key):
            for part in _parted(file, columns, key):
                yield part.to_pandas(**_FREED), known
        else:
            yield read_parquet(path, table)


def _declared(table: Table) -> dict[str, str]:
    """What the values of each column are held to: not what it means, nor rules that it has not, which may be new."""
    return {column.name: _rules(column) for column in table.columns}


def _rules(column: Column) -> str:
    told = {name: value for name, value in vars(column).items() if name not in ("name", "meaning")}
    return repr({name: value for name, value in told.items() if value is not None and value is not False})


def _columns(schema: Any, table: Table) -> tuple[list[str] | None, list[str]]:
    """What to read of a file (None: all), and which of it is known to be as the table declares."""
    declared, open_ended = _declared(table), table.prefix or table.second or table.extra
    marked = {field.name: (field.metadata or {}).get(_MARK, b"").decode() for field in schema}
    known = [name for name, words in declared.items() if marked.get(name) == words]
    return None if open_ended else [name for name in marked if name in declared], known


def _rises(file: Any, key: str) -> bool:
    """Has a file rows, and does a column of it nowhere fall?"""
    values = file.read([key])[key].to_numpy()
    return len(values) > 0 and bool((values[1:] >= values[:-1]).all())


def _parted(file: Any, columns: list[str] | None, key: str) -> Iterator[Any]:
    """The rows as Arrow tables that part no value of ``key``, which nowhere falls."""
    import pyarrow as pa

    held: list[Any] = []
    for batch in file.iter_batches(_BLOCK, columns=columns):
        values = batch[key].to_numpy()
        cut = int(np.searchsorted(values, values[-1]))  # the last value may go on in the next batch
        if cut:
            yield pa.Table.from_batches([*held, batch[:cut]])
            held = []
        held.append(batch[cut:])
    yield pa.Table.from_batches(held)
