"""System instructions, ports, and what else has an encoding of its own or goes through a proxy."""

from __future__ import annotations

from typing import Final

from exotool.asm.families_vector import VectorFamilies
from exotool.asm.mnemonics import (
    BITS_SUFFIX,
    CONVERSIONS,
    DIRECT_STORES,
    FAST_CALLS,
    FIXED,
    PLAIN,
    REGISTER_PROXIES,
    SIMPLE,
    Proxy,
)
from exotool.asm.operands import Far, Imm, Mem, Operand, Reg, is_dx
from exotool.asm.prepared import Prepared

_WORD_SUFFIX: Final = ("lldt", "ltr", "lmsw", "verr", "verw")
"""Instructions without operand size whose mnemonic may end in `w`."""


class SystemFamilies(VectorFamilies):
    """Rewrites system instructions."""

    def fixed(self, name: str) -> Prepared:
        """Instructions without operands."""
        entry = FIXED[name]
        if self.mode not in entry.modes:
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        return self.own(entry.code)

    def conversion(self, name: str) -> Prepared:
        """CBW, CWD and their like."""
        opcode, bits = CONVERSIONS[name]
        if bits == 64 and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        return self.own(bytes([opcode]), bits=bits, wide=True)

    def fast_call(self, name: str, bits: int) -> Prepared:
        """SYSCALL, SYSENTER and their returns."""
        if name in ("syscall", "sysenter"):
            if bits:
                raise self.unknown(self.insn.mnemonic)
        elif not bits and self.mode == 64:
            self.assume(name, 32)
        return self.own(bytes([0x0F, FAST_CALLS[name]]), bits=64 if bits == 64 else 0, wide=True)

    def simple(self, name: str, bits: int) -> Prepared:
        """One-byte instructions with an operand size but no operands: pushf, popf, pusha, popa, leave, iret."""
        if self.ops:
            raise self.bad_operands()
        opcode, modes = SIMPLE[name]
        if self.mode not in modes:
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        if not bits:
            bits = 32 if name == "iret" and self.mode == 64 else self.mode
            if name == "iret" and self.mode == 64:
                self.assume(name, 32)
        if bits == 8 or (bits == 32 and self.mode == 64 and name != "iret"):
            raise self.unknown(self.insn.mnemonic)
        return self.own(bytes([opcode]), bits=bits, wide=name == "iret")

    def interrupt(self, _name: str, bits: int) -> Prepared:
        """INT; number 3 has an opcode of its own."""
        if len(self.ops) != 1 or bits or not isinstance(self.ops[0], Imm):
            raise self.bad_operands()
        if self.constant(self.ops[0].expr) == 3:
            return self.own(b"\xcc")
        self.out.code = b"\xcd"
        return self.own(b"\xcd" + self.byte(self.ops[0]))

    def adjust(self, name: str, bits: int) -> Prepared:
        """AAM and AAD, base ten unless another is given."""
        if self.mode == 64:
            raise self.fault("A0406", f"`{name}` is not available in 64-bit mode")
        if len(self.ops) > 1 or bits:
            raise self.bad_operands()
        self.out.code = b"\xd4" if name == "aam" else b"\xd5"
        return self.own(self.out.code + (self.byte(self.ops[0]) if self.ops else b"\x0a"))

    def port(self, name: str, bits: int) -> Prepared:
        """IN and OUT, with the accumulator written or told by the suffix."""
        ops = self.ops if name == "in" else self.ops[::-1]
        if not 1 <= len(ops) <= 2:
            raise self.bad_operands()
        if len(ops) == 2:
            accumulator = ops[1]
            if not isinstance(accumulator, Reg) or accumulator.register.kind != "gpr" or accumulator.register.number:
                raise self.fault("A0405", f"`{name}` moves the accumulator only", accumulator)
            if bits not in (0, accumulator.register.bits):
                raise self.fault("A0407", f"`%{accumulator.register.name}` does not have {bits} bits", accumulator)
            bits = accumulator.register.bits
        bits = bits or self.assume(name, self.default_bits)
        if bits == 64:
            raise self.fault("A0407", f"`{name}` has no 64-bit form")
        opcode = (0xE4 if name == "in" else 0xE6) | (bits > 8)
        if isinstance(ops[0], Imm):
            self.out.code = bytes([opcode])
            return self.own(self.out.code + self.byte(ops[0]), bits=bits)
        if not is_dx(ops[0]):
            raise self.fault("A0405", "a port is an 8-bit immediate or `%dx`", ops[0])
        return self.own(bytes([opcode | 8]), bits=bits)

    def move_segment(self, kinds: list[str], bits: int) -> Prepared:
        """8C /r and 8E /r; a store to memory and every load move 16 bits, whatever the operand size."""
        load = kinds[1] == "seg"
        segment, other = (self.ops[1], self.ops[0]) if load else self.ops
        if not isinstance(segment, Reg) or isinstance(other, Imm | Far):
            raise self.bad_operands()
        if load and segment.register.name == "cs":
            raise self.fault("A0405", "`%cs` cannot be loaded by a move", segment, "use a far jump or a far return")
        sizes: tuple[int, ...] = ()
        if isinstance(other, Reg):
            if other.register.kind != "gpr" or other.register.bits == 8 or bits not in (0, other.register.bits):
                raise self.bad_operands()
            if not load:
                sizes = (16, 32)
        elif bits not in (0, 16) or other.bits not in (0, 16):
            raise self.fault("A0407", "a segment register in memory has 16 bits", other)
        proxy = Proxy(b"", b"\x8e" if load else b"\x8c", segment.register.number, sizes, "e")
        size = min(other.register.bits, 32) if isinstance(other, Reg) and sizes else 0
        return self.proxy_of(proxy, other, None, size)

    def move_control(self, kinds: list[str], bits: int) -> Prepared:
        """MOV to and from control and debug registers: the width of the mode."""
        natural = 64 if self.mode == 64 else 32
        if bits not in (0, natural):
            raise self.fault("A0407", f"control and debug registers have {natural} bits")
        rendered = []
        for operand in self.ops:
            if not isinstance(operand, Reg) or kinds.count("") == 2:
                raise self.bad_operands()
            if operand.register.kind not in ("cr", "dr"):
                self.require_bits(operand, natural)
            rendered.append(self.reg(operand))
        if self.mode == 16:
            return self.control_16_bit()
        return self.emit(f"mov{BITS_SUFFIX[natural]}", *rendered)

    def control_16_bit(self) -> Prepared:
        """0F 20..23 /r always move 32 bits outside 64-bit mode."""
        first, second = (op.register for op in self.ops if isinstance(op, Reg))
        load = second.kind in ("cr", "dr")
        special, general = (second, first) if load else (first, second)
        opcode = 0x20 | (special.kind == "dr") | load << 1
        return self.own(bytes([0x0F, opcode, 0xC0 | special.number << 3 | general.number]))

    def segment_load(self, name: str, bits: int) -> Prepared:
        """LDS, LES, LFS, LGS and LSS: a far pointer into a segment register and a general one."""
        if len(self.ops) != 2 or not isinstance(self.ops[0], Mem) or not isinstance(self.ops[1], Reg):
            raise self.bad_operands()
        bits = self.allowed(name, "wl", bits)
        self.require_bits(self.ops[1], bits)
        if name in ("lds", "les"):
            if self.mode == 64:
                raise self.fault("A0406", f"`{name}` is not available in 64-bit mode")
            opcode = b"\xc5" if name == "lds" else b"\xc4"
        else:
            opcode = {"lss": b"\x0f\xb2", "lfs": b"\x0f\xb4", "lgs": b"\x0f\xb5"}[name]
        proxy = Proxy(b"", opcode, -1, (16, 32), "mr")
        return self.proxy_of(proxy, self.ops[0], self.ops[1], bits)

    def proxy(self, name: str, proxy: Proxy, bits: int) -> Prepared:
        """Instructions encoded by way of `bsf`."""
        if self.mode not in proxy.modes or (name in ("lar", "lsl") and len(self.ops) != 2):
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        if len(self.ops) != len(proxy.kinds):
            raise self.bad_operands()
        operands = dict(zip(proxy.kinds, self.ops, strict=True))
        rm = operands.get("e", operands.get("m"))
        register = operands.get("r")
        if isinstance(rm, Imm | Far) or rm is None or (isinstance(rm, Reg) and "m" in proxy.kinds):
            raise self.bad_operands()
        if name in ("sgdt", "sidt", "lgdt", "lidt"):
            if isinstance(rm, Mem) and rm.bits not in (0, 48, 80):
                raise self.fault("A0407", f"`{name}` takes a 16-bit limit and an address", rm)
            if self.mode == 16 and isinstance(rm, Mem) and rm.bits == 48:
                bits = 32  # GNU as takes `fword ptr` for the form with an address of 32 bits
            # The operand size is 64 bits in 64-bit mode, and of the mode unless a suffix says otherwise.
            if bits not in ((0, 64) if self.mode == 64 else (0, 16, 32)):
                raise self.unknown(self.insn.mnemonic)
            return self.proxy_of(proxy, rm, None, bits if self.mode != 64 else 0)
        if not proxy.sizes:
            if bits and (bits != 16 or name not in _WORD_SUFFIX):
                raise self.unknown(self.insn.mnemonic)
            if isinstance(rm, Reg) and rm.register.bits != 16:
                raise self.fault("A0407", f"`{name}` takes a 16-bit register", rm)
            if isinstance(rm, Mem) and rm.bits not in (0, 16) and name in _WORD_SUFFIX:
                raise self.fault("A0407", f"`{name}` takes 16 bits of memory", rm)
            return self.proxy_of(proxy, rm, register, 0)
        if name in ("sldt", "str", "smsw"):
            return self.store_system(name, proxy, rm, bits)
        if bits and len(proxy.sizes) == 1:
            raise self.unknown(self.insn.mnemonic)
        bits = bits or (proxy.sizes[0] if len(proxy.sizes) == 1 else self.size_of(name))
        if bits not in proxy.sizes:
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form")
        if register is not None:
            self.require_bits(register, bits)
        if name not in ("lar", "lsl") or (isinstance(rm, Reg) and rm.register.bits not in (16, min(bits, 32))):
            self.require_bits(rm, bits)
        return self.proxy_of(proxy, rm, register, bits)

    def store_system(self, name: str, proxy: Proxy, rm: Operand, bits: int) -> Prepared:
        """SLDT, STR and SMSW: 16 bits to memory; sldt and str need no REX.W for a 64-bit register."""
        if not isinstance(rm, Reg):
            if bits not in (0, 16):
                raise self.fault("A0407", f"`{name}` stores 16 bits", rm)
            return self.proxy_of(proxy, rm, None, 0)
        self.require_bits(rm, bits or rm.register.bits)
        bits = rm.register.bits
        return self.proxy_of(proxy, rm, None, 32 if bits == 64 and name != "smsw" else bits)

    def addressed(self, name: str) -> Prepared:
        """Instructions whose implied accumulator is written, and gives the address size."""
        entry = FIXED[name]
        registers = [operand.register for operand in self.ops if isinstance(operand, Reg)]
        wanted = [0, 1] if name == "invlpga" else [0]
        general = all(register.kind == "gpr" for register in registers)
        if len(registers) != len(self.ops) or [r.number for r in registers] != wanted or not general:
            raise self.bad_operands()
        if self.mode not in entry.modes:
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        bits = registers[0].bits
        if name == "skinit" or bits == self.mode:
            if name == "skinit" and bits != 32:
                raise self.bad_operands()
        elif bits == (32 if self.mode != 32 else 16):
            self.out.prefixes.append(0x67)
        else:
            raise self.bad_operands()
        return self.own(entry.code)

    def direct_store(self, name: str, bits: int) -> Prepared:
        """MOVDIR64B, ENQCMD and ENQCMDS: memory, and a register with the address to store to."""
        if len(self.ops) != 2 or bits:
            raise self.bad_operands()
        memory, register = self.ops
        if not isinstance(memory, Mem) or not isinstance(register, Reg):
            raise self.bad_operands()
        width = self.address_bits(memory) if memory.base or memory.index else self.mode
        if register.register.kind != "gpr" or register.register.bits != width:
            raise self.fault("A0405", f"the register must have {width} bits, as the address has", register)
        return self.proxy_of(DIRECT_STORES[name], memory, register, 0)

    def bound(self, _name: str, bits: int) -> Prepared:
        """BOUND: a register, and two limits in memory (Intel's order in both syntaxes)."""
        if self.mode == 64:
            raise self.fault("A0406", "`bound` is not available in 64-bit mode")
        if len(self.ops) != 2:
            raise self.bad_operands()
        register, memory = self.ops[::-1] if self.insn.intel else self.ops
        if not isinstance(register, Reg) or not isinstance(memory, Mem):
            raise self.bad_operands()
        bits = bits or register.register.bits
        if bits not in (16, 32):
            raise self.bad_operands()
        self.require_bits(register, bits)
        memory.bits = 0
        return self.proxy_of(Proxy(b"", b"\x62", -1, (16, 32), "mr"), memory, register, bits)

    def arpl(self, _name: str, bits: int) -> Prepared:
        """ARPL: 16 bits always."""
        if self.mode == 64:
            raise self.fault("A0406", "`arpl` is not available in 64-bit mode")
        if len(self.ops) != 2 or bits not in (0, 16) or not isinstance(self.ops[0], Reg):
            raise self.bad_operands()
        for operand in self.ops:
            self.require_bits(operand, 16)
        return self.proxy_of(Proxy(b"", b"\x63", -1, (), "re"), self.ops[1], self.ops[0], 0)

    def hreset(self, _name: str, bits: int) -> Prepared:
        """HRESET imm8, with %eax implied."""
        if bits or len(self.ops) != 1 or not isinstance(self.ops[0], Imm):
            raise self.bad_operands()
        self.out.code = bytes.fromhex("f30f3af0c0")
        return self.own(self.out.code + self.byte(self.ops[0]))

    def register_proxy(self, name: str, _bits: int) -> Prepared:
        """RDPID, INCSSP, RDSSP, UMONITOR and their like: one register, in ModRM.rm."""
        if len(self.ops) != 1 or not isinstance(self.ops[0], Reg):
            raise self.bad_operands()
        proxy, size = REGISTER_PROXIES[name]
        if name == "umonitor":
            width = self.ops[0].register.bits
            if width != self.mode:
                if width not in ((32,) if self.mode == 64 else (16, 32)):
                    raise self.bad_operands()
                self.out.prefixes.append(0x67)
            return self.proxy_of(proxy, self.ops[0], None, 0)
        self.require_bits(self.ops[0], size or (64 if self.mode == 64 else 32))
        if size == 64 and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        return self.proxy_of(proxy, self.ops[0], None, 0 if name == "senduipi" else size)

    def monitor(self, name: str, bits: int) -> Prepared | None:
        """MONITOR and MWAIT with their registers written; the first of MONITOR gives the address size."""
        registers = [op.register for op in self.ops if isinstance(op, Reg)]
        wanted = (0, 1, 2) if name.startswith("monitor") else (0, 1)
        if not self.ops:
            return self.fixed(name) if not bits else None
        fits = len(registers) == len(self.ops) == len(wanted)
        if not fits or any(r.kind != "gpr" or r.number != n for r, n in zip(registers, wanted, strict=True)):
            raise self.bad_operands()
        address = registers[0].bits
        if name.startswith("monitor") and address != self.mode:
            if address not in ((32,) if self.mode == 64 else (16, 32)):
                raise self.bad_operands()
            self.out.prefixes.append(0x67)
        return self.own(FIXED[name].code)

    def plain(self, name: str) -> Prepared:
        """Instructions that Keystone encodes as they are written."""
        kinds = PLAIN[name]
        if len(kinds) != len(self.ops):
            raise self.bad_operands()
        if (kinds in ("M", "B")) and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        natural = 64 if self.mode == 64 else 32
        rendered = []
        for kind, operand in zip(kinds, self.ops, strict=True):
            if isinstance(operand, Mem) and kind in "mMn":
                rendered.append(self.mem(operand))
            elif isinstance(operand, Reg) and kind in "nBr" and operand.register.kind == "gpr":
                if kind == "n":
                    self.require_bits(operand, natural)
                elif operand.register.bits < (32 if kind == "B" else 16):
                    raise self.bad_operands()
                rendered.append(self.reg(operand))
            else:
                raise self.bad_operands()
        if kinds in ("B", "r") and isinstance(self.ops[0], Reg):
            name += BITS_SUFFIX[self.ops[0].register.bits]
        return self.emit(name, *rendered)
