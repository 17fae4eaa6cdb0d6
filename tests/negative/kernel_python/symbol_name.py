from exotool.lang import export, u64


@export("two words")
def f(n: u64) -> u64:
    return n
