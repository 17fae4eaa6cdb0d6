"""`exotool verify`: proofs about Kernel Python, by symbolic execution of the typed tree with z3's bit vectors.

A proof is itself a function of Kernel Python (docs/verify.md). In the order of the work: `find` reads the files,
`explore` walks all ways through a proof, one execution (`execute`, `evaluate`, `places`, `memory`, over `path` and
`terms`) at a time; `replay` runs a counterexample under CPython; `report` says what was found. `sampling` runs proofs
with random values, for tests. Imports the compiler's front end; z3 only in the modules that need it.
"""
