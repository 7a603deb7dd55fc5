"""CSV that is as a table declares: read as numbers at once, in a tenth of the time of words that become numbers."""

import csv
from pathlib import Path

import pandas as pd

from pipeline.columns import Table


def read_typed_csv(path: Path, table: Table) -> pd.DataFrame:
    """The columns of a CSV as the table's; those that it does not declare by name, and empty cells of text, as text.

    ``ValueError`` where a cell or a row is not like that.
    """
    import pyarrow as pa
    import pyarrow.csv as arrow

    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), [])
    if len(set(names)) < len(names):
        raise ValueError("two columns have one name")
    kinds = {"str": pa.string(), "float": pa.float64(), "int": pa.int64(), "bool": pa.bool_()}
    declared = {column.name: kinds[column.kind] for column in table.columns}
    convert = arrow.ConvertOptions(
        column_types={name: declared.get(name, pa.string()) for name in names},
        null_values=[""],
        true_values=["True", "true"],
        false_values=["False", "false"],
    )
    parse = arrow.ParseOptions(newlines_in_values=True)
    read = arrow.read_csv(path, arrow.ReadOptions(use_threads=False), parse, convert)
    return pd.DataFrame(read.to_pandas())
