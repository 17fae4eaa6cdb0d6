from exotool.lang import Struct, UserPtr, u8, u64


class Both(Struct, union=True):
    user: UserPtr[u8]
    raw: u64
