from typing import Final


HUGE: Final = 1 << 100000
