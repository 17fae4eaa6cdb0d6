"""The state of the simulated machine, to be put back after a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType

from exotool.lang.address_space import memory
from exotool.lang.functions import current_models, replace_models
from exotool.lang.integers import settings


def save(modules: Iterable[ModuleType] = ()) -> Callable[[], None]:
    """Return a function that puts everything back: memory, devices, models, settings and the modules' statics."""
    restore_memory = memory.snapshot()
    models = current_models()
    overflow, shift = settings.overflow, settings.shift
    statics = [
        (module, {name: module.__dict__[name] for name in module.__dict__["__kpy__"].statics}) for module in modules
    ]

    def restore() -> None:
        restore_memory()
        replace_models(models)
        settings.overflow, settings.shift = overflow, shift
        for module, values in statics:
            module.__dict__.update(values)

    return restore
