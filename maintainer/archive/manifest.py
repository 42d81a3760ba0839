"""What lies beside the files of one run and table, so that they can be read without us."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from pathlib import PurePosixPath

from maintainer.archive.folder import Folder
from maintainer.plan.segment import Segment

LAYOUT = 1


def write(
    folder: Folder,
    segments: Iterable[Segment],
    run: Mapping[str, object],
    missing: Collection[int] = (),
) -> None:
    """Write manifest and SHA256SUMS of a run, one pair for each folder its files are in.

    What is missing, by its number, stands in the manifest as such and not among the sums.
    """
    stored = [segment for segment in segments if segment.sealed]
    for place, group in groupby(sorted(stored, key=_order), key=_place):
        files = list(group)
        name = f"{place}/{files[0].run}"
        folder.replace(f"{name}.manifest.json", _document(files, run, missing))
        sums = [_sum(segment) for segment in files if segment.number not in missing]
        folder.replace(f"{name}.SHA256SUMS", "".join(sums))


def _order(segment: Segment) -> tuple[str, int]:
    return _place(segment), segment.number


def _place(segment: Segment) -> str:
    return str(PurePosixPath(segment.sealed.uri).parent) if segment.sealed else ""


def _sum(segment: Segment) -> str:
    sealed = segment.sealed
    return f"{sealed.stored_sha256}  {PurePosixPath(sealed.uri).name}\n" if sealed else ""


def _document(segments: list[Segment], run: Mapping[str, object], missing: Collection[int]) -> str:
    first = segments[0]
    files = [
        _file(segment) | ({"missing": True} if segment.number in missing else {})
        for segment in segments
    ]
    document = {
        "layout": LAYOUT,
        "run": first.run,
        **{name: _plain(value) for name, value in run.items()},
        "table": {"schema": first.schema, "name": first.table},
        "format": "csv.zst",
        "settings": {
            "DateStyle": "ISO", "IntervalStyle": "postgres", "TimeZone": "UTC",
            "bytea_output": "hex", "extra_float_digits": 3, "lc_monetary": "C",
        },
        "rows": sum(segment.rows for segment in segments),
        "files": files,
    }  # fmt: skip
    return json.dumps(document, indent=2) + "\n"


def _file(segment: Segment) -> dict[str, object]:
    sealed = segment.sealed
    if sealed is None:
        return {}
    return {
        "name": PurePosixPath(sealed.uri).name,
        "rule": segment.rule,
        "rows": segment.rows,
        "raw_bytes": sealed.raw_bytes,
        "stored_bytes": sealed.stored_bytes,
        "raw_sha256": sealed.raw_sha256,
        "stored_sha256": sealed.stored_sha256,
        "range": {"kind": segment.range_kind, "from": segment.range_from, "to": segment.range_to},
        "cutoff": _plain(segment.cutoff_at),
        "columns": json.loads(segment.columns),
        "psql_copy_cannot_read_it": sealed.has_copy_end,
    }


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
