"""The check of the frame allocator on the machine that the kernel runs on."""

from typing import Final

from exotool.lang import Array, Ptr, addressof, array, export, u8, u64
from kernel.kalloc import NONE, frames, kalloc, kalloc_at, kalloc_run, kfree, kfree_run

SAMPLE: Final = 256

NOT_ASCENDING: Final[Array[u8]] = array(b"two frames are the same, or not in order\0")
NOT_TAKEN: Final[Array[u8]] = array(b"a frame that was taken could be taken again\0")
NO_RUN: Final[Array[u8]] = array(b"no 16 frames in a row, or not where they were asked for\0")
LEAK: Final[Array[u8]] = array(b"the number of free frames changed\0")


def text(problem: Array[u8]) -> Ptr[u8]:
    """Return the address of a text, as the assembly's checks return theirs."""
    return Ptr[u8](addressof(problem))


@export
def check_frames(spoil: bool) -> Ptr[u8]:
    """Take frames one by one, by number and in a row, and give them back."""
    before = frames.count
    sample: Array[u64] = array(SAMPLE)
    last: u64 = 0
    for i in range(SAMPLE):
        frame = kalloc()
        if frame == NONE or frame <= last:
            return text(NOT_ASCENDING)
        sample[i] = frame
        last = frame
    if kalloc_at(sample[0]):
        return text(NOT_TAKEN)
    run = kalloc_run(16, 16)
    if run == NONE or run & 15 != 0:
        return text(NO_RUN)
    kfree_run(run, 16)
    for i in range(SAMPLE):
        if not (spoil and i == 0):
            kfree(sample[i])
    return text(LEAK) if frames.count != before else Ptr[u8](0)
