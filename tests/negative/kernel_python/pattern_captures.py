from exotool.lang import u64


def f(n: u64) -> u64:
    match n:
        case 1:
            return 2
        case other:
            return 3
