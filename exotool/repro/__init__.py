"""Proof of what was built from what: the manifest of a build, and the rebuild that must give the same bytes.

May import `elf`, `project`, `files` and `diagnostics`. A rebuild runs the command line in child processes, since a
hash seed, a locale or a umask can only be varied from outside.
"""
