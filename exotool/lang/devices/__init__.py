"""Models of hardware for tests under CPython: what answers at ports, or at addresses of the simulated memory.

A model has `read(offset, size)` and `write(offset, size, value)`, as `address_space.Device` says. `memory.map_device`
puts one at an address, `PortBus` at a port. `uart16550` is a serial line, `ata` a disk.
"""

from exotool.lang.devices.ata import AtaDisk
from exotool.lang.devices.ports import PortBus
from exotool.lang.devices.uart16550 import Uart16550

__all__ = ["AtaDisk", "PortBus", "Uart16550"]
