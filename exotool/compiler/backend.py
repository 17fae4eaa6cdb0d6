"""LLVM: module text -> relocatable object, for a machine that is given in full.

LLVM's assembly parser is never initialised: the wheels for some hosts do not have that of x86, and an error in it ends
the process. What can end LLVM runs in a process of its own (see `emit`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from exotool.compiler.lower_options import Machine, Options
from exotool.diagnostics import Diagnostic, ToolError

if TYPE_CHECKING:
    from llvmlite.binding import ModuleRef, TargetMachine


@cache
def load_llvm() -> Any:
    """Return `llvmlite.binding` with the targets and the printers of machine code that it has, and no parser."""
    from llvmlite import binding

    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    return binding


def compile_module(text: str, options: Options, machine: Machine) -> bytes:
    """Return the object that LLVM makes of a module.

    Raises `ToolError` C0601 when LLVM refuses the module: then lowering is at fault, never the program.
    """
    target = target_machine(machine, options)
    module = parse_module(text)
    if options.optimised:
        optimise(module, target)
    return bytes(target.emit_object(module))


def optimised_text(text: str, options: Options, machine: Machine) -> str:
    """Return a module as LLVM's optimiser leaves it; as it is where the profile does not optimise."""
    if not options.optimised:
        return text
    module = parse_module(text)
    optimise(module, target_machine(machine, options))
    return str(module)


def target_machine(machine: Machine, options: Options, *, jit: bool = False) -> TargetMachine:
    """Return LLVM's description of the machine."""
    llvm = load_llvm()
    target = llvm.Target.from_triple(machine.triple)
    made = target.create_target_machine(
        cpu=machine.cpu,
        features=machine.features,
        opt=2 if options.optimised else 0,
        reloc=machine.relocation,
        codemodel=machine.code_model,
        jit=jit,
    )
    layout = str(made.target_data)
    if layout != machine.data_layout:
        raise ToolError(
            Diagnostic(
                "C0602",
                f"this LLVM lays out data for {machine.triple} in another way than exotool",
                label=f"expected {machine.data_layout}, found {layout}",
                help=("install a version of llvmlite that pyproject.toml allows",),
            )
        )
    return made


def parse_module(text: str) -> ModuleRef:
    """Return a verified module; raises `ToolError` C0601."""
    llvm = load_llvm()
    try:
        module = llvm.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:500]
        raise ToolError(
            Diagnostic("C0601", "the compiler made code that LLVM refuses", help=(reason, "please report this program"))
        ) from None
    return module


def optimise(module: ModuleRef, target: TargetMachine) -> None:
    """Run LLVM's pipeline of level 2; what functions say of themselves (`optsize`) shapes it.

    Vectorisers stay off: kernel code has no vector registers.
    """
    llvm = load_llvm()
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    tuning.loop_vectorization = False
    tuning.slp_vectorization = False
    tuning.loop_interleaving = False
    builder = llvm.create_pass_builder(target, tuning)
    passes = builder.getModulePassManager()
    passes.run(module, builder)
