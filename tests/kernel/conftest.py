"""The kernel's files under CPython: loaded as Kernel Python, on simulated memory."""

from __future__ import annotations

from pathlib import Path

from exotool.lang.loader import install

install(Path(__file__).parents[2], ["kernel"])
