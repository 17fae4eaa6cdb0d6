"""exotool: a cross toolchain for x86_64 kernel images.

Imports run one way: cli -> build -> {asm, link, launch, repro} -> {elf, project} -> {diagnostics, files}.
"""

__version__ = "0.1.0"
