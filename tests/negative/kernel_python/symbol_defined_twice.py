from exotool.lang import export, u64


@export
def late(a: u64) -> u64:
    return a


@export("late")
def later(a: u64) -> u64:
    return a
