"""audit.html: plays each window of an audit and takes what an observer says; works offline, without a server."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from pipeline.artifacts import fingerprint, write_text
from pipeline.audit.films import Film
from pipeline.ethology.correction.sheet import READ
from pipeline.ethology.correction.tables import AUDIT_SHEET
from pipeline.report.markup import Markup, tag

PAGE = "audit.html"


def audit_page(
    out: Path, name: str, behaviours: Sequence[str], sheet: pd.DataFrame, films: Mapping[int, Film]
) -> None:  # fmt: skip
    """Write the page to ``out``: ``sheet`` is ``tables.AUDIT_SHEET``, ``films`` lie beside the page, by window.

    What the page saves is the sheet, cell for cell, with what was filled in. It says nothing of what was told.
    """
    text = sheet[AUDIT_SHEET.names].to_csv(index=False, lineterminator="\n")
    columns, *lines = csv.reader(StringIO(text))
    rows = [
        {"cells": cells, "film": _film(films.get(window))}
        for window, cells in zip(sheet["window"].tolist(), lines, strict=True)
    ]
    told = {
        "id": fingerprint(text)[:16],  # under which a browser keeps the answers: another draw has another
        "behaviours": list(behaviours),
        "columns": columns,
        "reads": READ,  # what it asks of a sheet that is opened
        "rows": rows,
    }
    values = {
        "title": tag("title", f"{name} - audit"),
        "name": tag("h1", name),
        "style": Markup(_part("page.css")),
        "script": Markup(_part("sheet.js") + _part("page.js")),
        "data": json.dumps(told, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c"),
    }
    write_text(out, Template(_part("page.html")).substitute(values))


def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _film(film: Film | None) -> dict[str, Any] | None:
    return None if film is None else {"path": film.path, "moment": film.moment_s, "frame": film.frame_s}
