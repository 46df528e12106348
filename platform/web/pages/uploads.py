"""An uploaded package: a zip or its files, read within limits, and packed again to be sent on.

Nothing is written to disk, no name is used as a path, and a bomb is stopped while it unfolds.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from trellis.problems import Location, Problem, ProblemsFoundError
from trellis.web.pages.ports import NewFile

MAX_FILES = 2_000
MAX_BYTES = 40 * 1024 * 1024
#: A folder zipped on a Mac carries these; they are no part of anybody's package.
_NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def package_files(uploads: Iterable[NewFile]) -> dict[str, bytes]:
    """Return the files of a package by path; raise ProblemsFoundError when they cannot be read."""
    files: dict[str, bytes] = {}
    for upload in uploads:
        if upload.name.lower().endswith(".zip"):
            _add_zip(files, upload)
        else:
            _add(files, upload.name.replace("\\", "/"), upload.data, upload.name)
    if not files:
        raise _refused("", "PKG001", "no file was sent", "choose a .zip or the files of a package")
    return _without_top_folder(files)


def _add_zip(files: dict[str, bytes], upload: NewFile) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.data)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    _add(files, entry.filename, _unfold(archive, entry, files), upload.name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise _refused(
            upload.name, "PKG002", f"the archive cannot be read: {error}", "zip the folder again"
        ) from None


def _unfold(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, files: Mapping[str, bytes]) -> bytes:
    """Return an entry's bytes; what an archive says about its sizes is not believed."""
    room = MAX_BYTES - sum(map(len, files.values()))
    with archive.open(entry) as unfolding:
        data = unfolding.read(room + 1)
    if len(data) > room:
        raise _refused(
            entry.filename, "PKG003", f"the package unfolds to more than {MAX_BYTES // 2**20} MiB",
            "leave out what is no definition",
        )  # fmt: skip
    return data


def _add(files: dict[str, bytes], name: str, data: bytes, origin: str) -> None:
    if any(noise in name for noise in _NOISE):
        return
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\x00" in name or not path.parts:
        raise _refused(origin, "PKG004", f"`{name!r}` is no path inside a package", None)
    if len(files) >= MAX_FILES:
        raise _refused(origin, "PKG005", f"the package has more than {MAX_FILES} files", None)
    if str(path) in files:
        raise _refused(origin, "PKG006", f"`{path}` is there twice", "keep one of them")
    files[str(path)] = data


def _without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files without a folder that holds all of them, as zips of a folder have."""
    if any(name.count("/") == 0 for name in files):
        return files
    tops = {name.split("/", 1)[0] for name in files}
    if len(tops) != 1:
        return files
    return {name.split("/", 1)[1]: data for name, data in files.items()}


def packed(files: Mapping[str, bytes]) -> str:
    """Return files as one text that a form can carry from the check to the apply."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return base64.b64encode(whole.getvalue()).decode("ascii")


def unpacked(text: str) -> dict[str, bytes]:
    """Return the files of `packed`; they are checked again, for the text came from a browser."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _refused(
            "", "PKG007", "the checked package did not arrive whole", "upload it again"
        ) from None
    return package_files([NewFile("package.zip", data)])


def _refused(name: str, code: str, message: str, help_text: str | None) -> ProblemsFoundError:
    return ProblemsFoundError([Problem(Location(name or "upload"), code, message, help_text)])
