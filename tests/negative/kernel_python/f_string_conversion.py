from exotool.lang import Array, Struct, fprint, i64, u8, u32, u64


class Console(Struct):
    port: u64

    def write(self, text: Array[u8]) -> None:
        pass

    def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
        pass

    def write_signed(self, value: i64, width: u32, flags: u32) -> None:
        pass


def f(out: Console, n: u64) -> None:
    fprint(out, f"{n!r}")
