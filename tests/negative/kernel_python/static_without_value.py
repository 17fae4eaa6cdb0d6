from exotool.lang import u64


ticks: u64
