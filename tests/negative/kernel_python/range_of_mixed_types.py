from exotool.lang import i64, u64


def f(n: u64, m: i64) -> None:
    for i in range(n, m):
        pass
