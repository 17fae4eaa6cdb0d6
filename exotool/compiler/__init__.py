"""Kernel Python -> typed tree -> LLVM IR -> relocatable object.

The passes, in the order of the work: `modules` reads files and follows their imports, `declare` gives every
module-level name its type, `check` turns function bodies into the typed tree of `tree`, `flow` refuses what types alone
cannot (use before initialisation, escape of locals, unbounded recursion, ...), `lower` writes the tree as LLVM IR, and
`backend` has LLVM make an object of it. The language is described in docs/language.md.

Imports `elf`, `project`, `diagnostics`, `files` and `tables` only. llvmlite is loaded by `backend` and `native`, late.
"""
