from exotool.lang import u64


def f(n: u64) -> u64:
    match n:
        case 1 | 2:
            return 2
        case 2:
            return 3
        case _:
            return 4
