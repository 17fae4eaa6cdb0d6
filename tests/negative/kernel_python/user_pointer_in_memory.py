from exotool.lang import Ptr, Struct, UserPtr, u64


class Request(Struct):
    length: u64
    buffer: UserPtr[u64]


def launder(request: Ptr[Request]) -> u64:
    return Ptr[u64](request)[1]
