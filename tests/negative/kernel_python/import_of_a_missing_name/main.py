from other import tock
