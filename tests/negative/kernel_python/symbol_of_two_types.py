from exotool.lang import export, extern, u32, u64


@extern("late")
def model(a: u32) -> u64:
    return u64(a)


@export
def late(a: u64) -> u64:
    return a
