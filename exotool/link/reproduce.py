"""A link in one file that can be sent to somebody and repeated there (`--reproduce`)."""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from exotool import __version__
from exotool.files import read_input


def response_archive(arguments: Sequence[str], files: Sequence[str], known: Mapping[str, bytes], folder: str) -> bytes:
    """Return a tar archive with all inputs, `response.txt` (the command line) and `version.txt`.

    `exotool ld @response.txt`, run in the archive's folder, makes the same image. Names of files are without `..` and
    without a leading `/`; nothing in the archive says when, where or by whom it was made.
    """
    contents = dict(known)
    for name in files:
        contents.setdefault(name, read_input(Path(name), "input"))
    moved = {name: _inside(name) for name in contents}
    words = _without_reproduce(arguments)
    response = "\n".join(shlex.quote(_moved(word, moved)) for word in words) + "\n"
    members = {moved[name]: data for name, data in contents.items()}
    members["response.txt"] = response.encode()
    members["version.txt"] = f"exotool {__version__}\n".encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(members):
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size, info.mode = len(members[name]), 0o644
            archive.addfile(info, io.BytesIO(members[name]))
    return out.getvalue()


def _inside(name: str) -> str:
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", ".")]
    return "/".join("_up" if part == ".." else part for part in parts) or "_"


def _without_reproduce(arguments: Sequence[str]) -> list[str]:
    words, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word.lstrip("-") == "reproduce":
            skip = True
        elif not word.lstrip("-").startswith("reproduce="):
            words.append(word)
    return words


def _moved(word: str, moved: Mapping[str, str]) -> str:
    """Return a word of the command line with the file that it names as it is called in the archive."""
    if word in moved:
        return moved[word]
    for prefix in ("-T", "--script=", "-L"):
        rest = word.removeprefix(prefix)
        if rest != word and rest in moved:
            return prefix + moved[rest]
        if prefix == "-L" and rest != word and rest:
            return prefix + _inside(rest)
    return word
