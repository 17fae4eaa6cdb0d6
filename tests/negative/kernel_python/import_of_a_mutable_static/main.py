from other import ticks
