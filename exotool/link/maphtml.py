"""A picture of an image, in memory and in the file, as one HTML page without scripts (`exotool map --html`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from exotool.link.image import ImageFile, ImageSection
from exotool.link.sizes import by_kind

COLORS: Final = {"code": "#4e79a7", "constants": "#76b7b2", "data": "#f28e2b", "zeros": "#bab0ac", "debug": "#d4d4d4"}
SHOWN_SYMBOLS: Final = 200
HEIGHT: Final = (22, 220)
"""Pixels of the smallest and of the largest box; between them the logarithm of the size decides."""

_STYLE: Final = """
body { font: 14px sans-serif; margin: 2em; color: #222; background: #fff }
.maps { display: flex; gap: 3em; align-items: flex-start }
.map { width: 26em }
.box { display: flex; justify-content: space-between; padding: 2px 8px; border: 1px solid #fff; color: #fff;
  overflow: hidden; box-sizing: border-box }
.box.debug, .box.zeros { color: #222 }
.segment { border-left: 6px solid #444; padding-left: 6px; margin-bottom: 8px }
.gap { color: #777; padding: 2px 14px; font-style: italic }
code, td { font-family: monospace }
td { padding: 1px 12px 1px 0 } td.n { text-align: right }
.key { display: inline-block; width: 1em; height: 1em; margin: 0 .4em 0 1em; vertical-align: middle }
"""


def map_html(image: ImageFile) -> str:
    """Return the page. Boxes are as high as the logarithm of their size; gaps are written, not drawn."""
    kinds = by_kind(image)
    keys = "".join(
        f'<span class="key" style="background:{COLORS[kind]}"></span>{kind} {kinds.get(kind, 0):,}'
        for kind in ("code", "constants", "data", "zeros")
    )
    title = escape(image.path)
    rows = "".join(
        f'<tr><td><code>{address:#x}</code></td><td class="n">{size:,}</td><td>{escape(name)}</td></tr>'
        for name, address, size in image.symbols[:SHOWN_SYMBOLS]
    )
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    about = f"entry <code>{image.entry:#x}</code>, {image.file_size:,} bytes in the file.{keys}"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body><h1>{title}</h1>\n<p>{about}</p>\n'
        f'<div class="maps">\n<div class="map"><h2>in memory</h2>\n{_memory(image)}</div>\n'
        f'<div class="map"><h2>in the file</h2>\n{_file(image)}</div>\n</div>\n'
        f"<h2>largest symbols</h2>\n<table>{rows}</table>\n</body></html>\n"
    )


def _memory(image: ImageFile) -> str:
    parts = []
    end: int | None = None
    for segment in sorted(image.segments, key=lambda s: s.vaddr):
        if end is not None and segment.vaddr > end:
            parts.append(f'<div class="gap">{_bytes(segment.vaddr - end)} free</div>')
        stop = segment.vaddr + segment.memory_size
        inside = [s for s in image.sections if s.kind != "debug" and segment.vaddr <= s.address < stop and s.size]
        inside.sort(key=lambda s: (s.address, s.name))
        load = f", loaded at {segment.paddr:#x}" if segment.paddr != segment.vaddr else ""
        head = f"<div><code>{segment.vaddr:#x}</code> {segment.flags} {_bytes(segment.memory_size)}{load}</div>"
        parts.append(f'<div class="segment">{head}\n{_boxes(inside, in_file=False)}</div>')
        end = stop
    return "\n".join(parts)


def _file(image: ImageFile) -> str:
    inside = sorted((s for s in image.sections if s.file_size), key=lambda s: (s.offset, s.name))
    return _boxes(inside, in_file=True)


def _boxes(sections: Sequence[ImageSection], *, in_file: bool) -> str:
    parts = []
    end: int | None = None
    for s in sections:
        start, size = (s.offset, s.file_size) if in_file else (s.address, s.size)
        if end is not None and start > end:
            parts.append(f'<div class="gap">{_bytes(start - end)}</div>')
        title = f"{s.name}: {start:#x} to {start + size:#x}, {size:,} bytes of {s.kind}"
        parts.append(
            f'<div class="box {s.kind}" style="height:{_height(size)}px;background:{COLORS[s.kind]}" '
            f'title="{escape(title, quote=True)}"><span>{escape(s.name)}</span><span>{_bytes(size)}</span></div>'
        )
        end = max(end or 0, start + size)
    return "\n".join(parts)


def _height(size: int) -> int:
    low, high = HEIGHT
    return min(high, low + round(7 * max(0.0, math.log2(max(size, 1)) - 6)))


def _bytes(size: int) -> str:
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >> shift:
            return f"{size / (1 << shift):,.1f} {unit}"
    return f"{size} bytes"
