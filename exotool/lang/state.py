"""The state of the simulated machine, to be put back after a test."""

from __future__ import annotations

from collections.abc import Callable

from exotool.lang.address_space import memory
from exotool.lang.functions import current_models, replace_models
from exotool.lang.integers import settings
from exotool.lang.loader import loaded_modules


def save() -> Callable[[], None]:
    """Return a function that puts everything back: memory, devices, models, settings and the modules' statics.

    Modules that are imported in between stay; their statics get what the import left in them.
    """
    restore_memory = memory.snapshot()
    models = current_models()
    overflow, shift = settings.overflow, settings.shift
    statics = {name: runtime.state() for name, runtime in loaded_modules().items()}

    def restore() -> None:
        restore_memory()
        replace_models(models)
        settings.overflow, settings.shift = overflow, shift
        for name, runtime in loaded_modules().items():
            runtime.restore(statics.get(name))

    return restore
