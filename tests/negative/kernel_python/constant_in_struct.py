from exotool.lang import Struct


class Page(Struct):
    SIZE = 4096
