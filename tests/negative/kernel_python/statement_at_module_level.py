from exotool.lang import u64


ticks: u64 = 0

for i in range(4):
    ticks = i
