from exotool.lang import export, u64


@export
def three(a: u64) -> tuple[u64, u64, u64]:
    return a, a, a
