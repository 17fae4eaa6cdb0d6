from exotool.lang import u64


def f(n: u64) -> u64:
    for i in range(64):
        if (n >> i) & 1 == 1:
            found = i
            break
    return found
