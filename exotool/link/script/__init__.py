"""GNU ld scripts: text -> tokens -> tree -> addresses.

`lexer` and `parser` read a script into the tree of `tree`; `match` puts input sections into its output sections, and
`orphans` those that it does not name; `evaluate` computes expressions; `layout` walks the tree and gives everything its
address; `segments` makes program headers and file offsets. `layouter` is what the linker drives; `default` is the
script that stands in when there is none. May import what `exotool.link` may.
"""

from exotool.link.script.layouter import ScriptLayouter
from exotool.link.script.parser import parse_script
from exotool.link.script.tree import Script

__all__ = ["Script", "ScriptLayouter", "parse_script"]
