"""How much of each region of MEMORY an image fills (`--print-memory-usage`)."""

from __future__ import annotations

from exotool.link.script.layouter import ScriptLayouter

_UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))


def memory_usage(layouter: ScriptLayouter) -> str:
    """Return a table of the regions, as GNU ld prints it."""
    lines = ["Memory region         Used Size  Region Size  %age Used"]
    for region in layouter.regions[1:]:
        used = region.current - region.origin
        share = f"{used * 100 / region.length:10.2f}%" if region.length else ""
        lines.append(f"{region.name:>16}: {_size(used)}{_size(region.length)}{share}")
    if len(layouter.regions) == 1:
        used = sum(output.size for output in layouter.all_outputs() if output.is_alloc)
        lines = [f"the script has no MEMORY; all sections together take {used} bytes"]
    return "\n".join(lines)


def _size(value: int) -> str:
    for unit, name in _UNITS:
        if value and value % unit == 0:
            return f"{value // unit:>10} {name}"
    return f"{value:>11} B"
