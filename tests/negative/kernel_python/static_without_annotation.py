ticks = 0
