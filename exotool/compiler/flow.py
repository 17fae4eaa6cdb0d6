"""What types alone cannot refuse: the flow analyses, over the typed tree of a whole program."""

from __future__ import annotations

from exotool.compiler.flow_escape import check_escapes
from exotool.compiler.flow_init import check_ways
from exotool.compiler.flow_recursion import check_recursion
from exotool.compiler.flow_report import Reporter
from exotool.compiler.flow_spin import acting, check_spins
from exotool.compiler.tree import Program
from exotool.diagnostics import Collector


def check_flow(program: Program, collector: Collector) -> None:
    """Collect C05xx errors: values that may be missing, ends that are reached, ways that are not, escapes, spins.

    The program must be complete and without type errors.
    """
    reporter = Reporter(program, collector)
    active = acting(program.functions)
    for function in program.functions:
        check_ways(function, reporter)
        check_spins(function, active, reporter)
    check_escapes(program.functions, reporter)
    check_recursion(program.functions, reporter)
