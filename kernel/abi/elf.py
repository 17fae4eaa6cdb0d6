"""What a loader reads of an ELF file. Tool Interface Standard: ELF 1.2; System V ABI, AMD64 supplement, 4.1, 5.1."""

from typing import Final

from exotool.lang import Struct, sizeof, u16, u32, u64

ELF_MAGIC: Final = 0x464C_457F
CLASS64_LSB: Final = 0x0102
ET_EXEC: Final = 2
EM_X86_64: Final = 62
PT_LOAD: Final = 1
PF_X: Final = 1
PF_W: Final = 2


class ElfHeader(Struct):
    """Elf64_Ehdr."""

    e_magic: u32
    e_class_data: u16
    e_version_abi: u16
    e_abiversion: u64
    e_type: u16
    e_machine: u16
    e_version: u32
    e_entry: u64
    e_phoff: u64
    e_shoff: u64
    e_flags: u32
    e_ehsize: u16
    e_phentsize: u16
    e_phnum: u16
    e_shentsize: u16
    e_shnum: u16
    e_shstrndx: u16


class ProgramHeader(Struct):
    """Elf64_Phdr."""

    p_type: u32
    p_flags: u32
    p_offset: u64
    p_vaddr: u64
    p_paddr: u64
    p_filesz: u64
    p_memsz: u64
    p_align: u64


assert sizeof(ElfHeader) == 64
assert sizeof(ProgramHeader) == 56
