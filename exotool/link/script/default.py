"""The script that stands in when the command line names none: the layout of a static program.

It gives the sections, symbols and addresses that GNU ld's own script gives, so that start files, C libraries and tests
find what they ask for; it is put together from tables, in which what belongs together stands together.
"""

from __future__ import annotations

from typing import Final

from exotool.elf.constants import EM_386

_HEAD: Final = (".interp", ".note.gnu.build-id", ".hash", ".gnu.hash", ".dynsym", ".dynstr")
_VERSIONS: Final = (".gnu.version", ".gnu.version_d", ".gnu.version_r")
_RELOCATED: Final = (
    "init",
    "text text.* gnu.linkonce.t.*",
    "fini",
    "rodata rodata.* gnu.linkonce.r.*",
    "data.rel.ro data.rel.ro.* gnu.linkonce.d.rel.ro.*",
    "data data.* gnu.linkonce.d.*",
    "tdata tdata.* gnu.linkonce.td.*",
    "tbss tbss.* gnu.linkonce.tb.*",
    "ctors",
    "dtors",
    "got",
    "bss bss.* gnu.linkonce.b.*",
    "ifunc",
)
_UNWINDING: Final = (
    (".eh_frame", "KEEP(*(.eh_frame)) *(.eh_frame.*)"),
    (".sframe", "*(.sframe .sframe.*)"),
    (".gcc_except_table", "*(.gcc_except_table .gcc_except_table.*)"),
    (".exception_ranges", "*(.exception_ranges*)"),
)
_CRT: Final = "*crtbegin.o *crtbegin?.o *crtend.o *crtend?.o"
_DEBUG_PARTS: Final = (
    *("srcinfo", "sfnames", "aranges", "pubnames", "info", "abbrev", "line", "frame", "str", "loc", "macinfo"),
    *("weaknames", "funcnames", "typenames", "varnames", "pubtypes", "ranges", "addr", "line_str", "loclists"),
    *("macro", "names", "rnglists", "str_offsets", "sup"),
)
_STABS: Final = (".stab", ".stabstr", ".stab.excl", ".stab.exclstr", ".stab.index", ".stab.indexstr")
_DEBUG: Final = (*_STABS, ".comment", ".debug", ".line", *(f".debug_{part}" for part in _DEBUG_PARTS))
_DEBUG_TOO: Final = {".debug_info": ".gnu.linkonce.wi.*", ".debug_line": ".debug_line.* .debug_line_end"}
_PAGE: Final = "CONSTANT(MAXPAGESIZE)"
_SAME_PLACE: Final = f"ALIGN({_PAGE}) + (. & ({_PAGE} - 1))"
"""The address that lies in the next page as `.` lies in its own."""


def default_script(machine: int, *, separate_code: bool, omagic: bool, pie: bool = False) -> str:
    """Return the text of the script for an image of a machine (e_machine).

    With `separate_code` code has pages of its own; with `omagic` (-N) nothing is aligned to pages between code and
    data; with `pie` the image begins at address 0.
    """
    is_32 = machine == EM_386
    base, word = ("0x08048000", 4) if is_32 else ("0x400000", 8)
    if pie:
        base = "0"
    paged = separate_code and not omagic
    lines = ["SECTIONS {"]
    lines.append(f'PROVIDE(__executable_start = SEGMENT_START("text-segment", {base}));')
    lines.append(f'. = SEGMENT_START("text-segment", {base}) + SIZEOF_HEADERS;')
    lines += [f"{name} : {{ *({name}) }}" for name in (*_HEAD, *_VERSIONS)]
    lines += _relocations("rel" if is_32 else "rela", is_32)
    lines += [f". = ALIGN({_PAGE});"] * paged
    lines += _code()
    if paged:
        lines += [f". = ALIGN({_PAGE});", f'. = SEGMENT_START("rodata-segment", {_SAME_PLACE});']
    lines.append(".rodata : { *(.rodata .rodata.* .gnu.linkonce.r.*) }")
    lines.append(".rodata1 : { *(.rodata1) }")
    lines.append(".eh_frame_hdr : { *(.eh_frame_hdr) *(.eh_frame_entry .eh_frame_entry.*) }")
    lines += [f"{name} : ONLY_IF_RO {{ {inside} }}" for name, inside in _UNWINDING]
    lines.append(". = .;" if omagic else f". = DATA_SEGMENT_ALIGN({_PAGE}, CONSTANT(COMMONPAGESIZE));")
    lines += [f"{name} : ONLY_IF_RW {{ {inside} }}" for name, inside in _UNWINDING]
    lines += _data(word, is_32=is_32, omagic=omagic)
    lines += [f"{name} 0 : {{ *({name} {_DEBUG_TOO.get(name, '')}) }}" for name in _DEBUG]
    lines.append(".gnu.attributes 0 : { KEEP(*(.gnu.attributes)) }")
    lines.append("/DISCARD/ : { *(.note.GNU-stack) *(.gnu_debuglink) *(.gnu.lto_*) }")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _relocations(kind: str, is_32: bool) -> list[str]:
    lines = []
    for names in _RELOCATED:
        first, *_ = names.split()
        inside = " ".join(f".{kind}.{name}" for name in names.split())
        lines.append(f".{kind}.{first} : {{ *({inside}) }}")
    lines.append(
        f".{kind}.plt : {{ *(.{kind}.plt) PROVIDE_HIDDEN(__{kind}_iplt_start = .); *(.{kind}.iplt) "
        f"PROVIDE_HIDDEN(__{kind}_iplt_end = .); }}"
    )
    return [*lines, *([] if is_32 else [".relr.dyn : { *(.relr.dyn) }"])]


def _code() -> list[str]:
    text = (
        "*(.text.unlikely .text.*_unlikely .text.unlikely.*)",
        "*(.text.exit .text.exit.*)",
        "*(.text.startup .text.startup.*)",
        "*(.text.hot .text.hot.*)",
        "*(SORT(.text.sorted.*))",
        "*(.text .stub .text.* .gnu.linkonce.t.*)",
        "*(.gnu.warning)",
    )
    return [
        ".init : { KEEP(*(SORT_NONE(.init))) }",
        ".plt : { *(.plt) *(.iplt) }",
        ".plt.got : { *(.plt.got) }",
        ".plt.sec : { *(.plt.sec) }",
        f".text : {{ {' '.join(text)} }}",
        ".fini : { KEEP(*(SORT_NONE(.fini))) }",
        *(f"PROVIDE({name} = .);" for name in ("__etext", "_etext", "etext")),
    ]


def _array(name: str, old: str) -> str:
    start, end = f"PROVIDE_HIDDEN(__{name}_start = .);", f"PROVIDE_HIDDEN(__{name}_end = .);"
    sorted_ = f"KEEP(*(SORT_BY_INIT_PRIORITY(.{name}.*) SORT_BY_INIT_PRIORITY(.{old}.*)))"
    plain = f"KEEP(*(.{name} EXCLUDE_FILE({_CRT}) .{old}))"
    return f".{name} : {{ {start} {sorted_} {plain} {end} }}"


def _old_array(name: str) -> str:
    begin = f"KEEP(*crtbegin.o(.{name})) KEEP(*crtbegin?.o(.{name}))"
    rest = f"KEEP(*(EXCLUDE_FILE(*crtend.o *crtend?.o) .{name})) KEEP(*(SORT(.{name}.*))) KEEP(*(.{name}))"
    return f".{name} : {{ {begin} {rest} }}"


def _data(word: int, *, is_32: bool, omagic: bool) -> list[str]:
    preinit = "PROVIDE_HIDDEN(__preinit_array_start = .); KEEP(*(.preinit_array)) "
    local, rest = "*(.data.rel.ro.local* .gnu.linkonce.d.rel.ro.local.*)", "*(.data.rel.ro .data.rel.ro.* "
    reserved = 3 * word
    relro = f". = DATA_SEGMENT_RELRO_END(SIZEOF(.got.plt) >= {reserved} ? {reserved} : 0, .);"
    lines = [
        ".tdata : { PROVIDE_HIDDEN(__tdata_start = .); *(.tdata .tdata.* .gnu.linkonce.td.*) }",
        ".tbss : { *(.tbss .tbss.* .gnu.linkonce.tb.*) *(.tcommon) }",
        f".preinit_array : {{ {preinit} PROVIDE_HIDDEN(__preinit_array_end = .); }}",
        _array("init_array", "ctors"),
        _array("fini_array", "dtors"),
        _old_array("ctors"),
        _old_array("dtors"),
        ".jcr : { KEEP(*(.jcr)) }",
        f".data.rel.ro : {{ {local} {rest} .gnu.linkonce.d.rel.ro.*) }}",
        ".dynamic : { *(.dynamic) }",
        ".got : { *(.got) *(.igot) }",
        *([] if omagic else [relro]),
        ".got.plt : { *(.got.plt) *(.igot.plt) }",
        ".data : { *(.data .data.* .gnu.linkonce.d.*) }",
        ".data1 : { *(.data1) }",
        "_edata = .; PROVIDE(edata = .);",
        ". = .;",
        "__bss_start = .;",
        f".bss : {{ *(.dynbss) *(.bss .bss.* .gnu.linkonce.b.*) *(COMMON) . = ALIGN(. != 0 ? {word} : 1); }}",
    ]
    if not is_32:
        lines += [
            ".lbss : { *(.dynlbss) *(.lbss .lbss.* .gnu.linkonce.lb.*) *(LARGE_COMMON) }",
            ". = ALIGN(8);",
            '. = SEGMENT_START("ldata-segment", .);',
            f".lrodata {_SAME_PLACE} : {{ *(.lrodata .lrodata.* .gnu.linkonce.lr.*) }}",
            f".ldata {_SAME_PLACE} : {{ *(.ldata .ldata.* .gnu.linkonce.l.*) . = ALIGN(. != 0 ? 8 : 1); }}",
        ]
    lines += [f". = ALIGN({word});"] * (1 if not is_32 else 2)
    lines.append("_end = .; PROVIDE(end = .);")
    return lines + ([] if omagic else [". = DATA_SEGMENT_END(.);"])
