"""Reads policies: files and folders in, one complete Policy or every fault at once out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from maintainer.errors import PolicyError
from maintainer.policy import merge, nodes, relations, secret_values, wording, yaml_text
from maintainer.policy.build import build
from maintainer.policy.document import Document
from maintainer.policy.model import Policy
from maintainer.policy.place import Fault, Place

SUFFIXES = {".yaml", ".yml"}
MOST_FAULTS = 100


def load(paths: Sequence[Path], environ: Mapping[str, str]) -> Policy:
    """Read a policy from files and folders. Raises PolicyError with a line for every fault."""
    faults: list[Fault] = []
    readings = [_read(file, faults) for file in _files(paths, faults)]
    root = merge.merge(readings, faults)
    faults.extend(secret_values.fill(root, environ))
    document = None
    if all(reading.whole for reading in readings):
        document = _check(root, faults)
    else:
        faults.extend(fault for fault in _misfits(root, faults) if len(fault.path) > 1)
    if faults or document is None:
        raise PolicyError("\n".join(_lines(faults)))
    return build(document)


def _check(root: nodes.Mapping, faults: list[Fault]) -> Document | None:
    misfits = _misfits(root, faults)
    faults.extend(relations.faults(root))
    faults.extend(misfits)
    return None if faults else Document.model_validate(nodes.plain(root))


def _misfits(root: nodes.Mapping, known: Iterable[Fault]) -> list[Fault]:
    """What does not fit by itself, but for what is known already."""
    told = {(fault.place, fault.path) for fault in known}
    try:
        Document.model_validate(nodes.plain(root))
    except ValidationError as exc:
        found = wording.faults(exc, root)
        return [fault for fault in found if (fault.place, fault.path) not in told]
    return []


def _files(paths: Sequence[Path], faults: list[Fault]) -> list[Path]:
    """The files, each once, those of a folder by name."""
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            files = _of_folder(path) if path.is_dir() else [path]
        except OSError as exc:
            faults.append(_unreadable(path, exc))
            continue
        if not files:
            hint = "write a policy there, or name another folder"
            faults.append(Fault(Place(str(path)), (), f"no *.yaml file is in this folder; {hint}"))
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _of_folder(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix in SUFFIXES and not file.name.startswith(".") and not file.is_dir()
    )


def _read(file: Path, faults: list[Fault]) -> yaml_text.Reading:
    try:
        with file.open("rb") as opened:
            raw = opened.read(yaml_text.MOST_BYTES + 1)
    except OSError as exc:
        faults.append(_unreadable(file, exc))
        return yaml_text.Reading(nodes.Mapping(Place(str(file))), whole=False)
    reading = yaml_text.read(raw, str(file))
    faults.extend(reading.faults)
    return reading


def _unreadable(path: Path, error: OSError) -> Fault:
    hint = "name a policy file or a folder of them, and check who may read it"
    return Fault(Place(str(path)), (), f"cannot be read ({error.strerror}); {hint}")


def _lines(faults: Iterable[Fault]) -> list[str]:
    lines = list(dict.fromkeys(str(fault) for fault in sorted(faults)))
    if len(lines) > MOST_FAULTS:
        rest = f"… and {len(lines) - MOST_FAULTS} more"
        return [*lines[:MOST_FAULTS], rest]
    return lines
