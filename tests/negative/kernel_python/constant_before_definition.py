from typing import Final


A: Final = B + 1
B: Final = 2
