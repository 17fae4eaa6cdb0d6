from typing import Final


A: Final = A + 1
