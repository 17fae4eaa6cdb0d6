from exotool.lang import u64


def log(text: str) -> None:
    pass


def f(n: u64) -> u64:
    log(n)
    return n
