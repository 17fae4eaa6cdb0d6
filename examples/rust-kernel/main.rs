//! Says hello on the serial line through `core::fmt`, and proves to `exotool run` that it got this far.
#![no_std]
#![no_main]

use core::arch::asm;
use core::fmt::{self, Write};

const UART: u16 = 0x3f8;
const LINE_STATUS: u16 = UART + 5;
const EMPTY: u8 = 0x40;
const EXIT_PORT: u16 = 0xf4;
const SUCCESS: u8 = 0x10;
const PANIC: u8 = 0x12;

fn out(port: u16, value: u8) {
    unsafe { asm!("out dx, al", in("dx") port, in("al") value) }
}

fn input(port: u16) -> u8 {
    let value;
    unsafe { asm!("in al, dx", in("dx") port, out("al") value) }
    value
}

struct Serial;

impl Write for Serial {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for octet in text.bytes() {
            while input(LINE_STATUS) & EMPTY == 0 {}
            out(UART, octet);
        }
        Ok(())
    }
}

fn leave(value: u8) -> ! {
    while input(LINE_STATUS) & EMPTY == 0 {}
    out(EXIT_PORT, value);
    loop {
        unsafe { asm!("cli", "hlt") }
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    let _ = writeln!(Serial, "panic: {info}");
    leave(PANIC)
}

/// hvm_start_info of the PVH boot protocol.
#[repr(C)]
struct StartInfo {
    head: [u32; 4],
    modules: u64,
    command_line: u64,
}

#[no_mangle]
extern "C" fn kernel_main(info: &StartInfo) -> ! {
    let start = info.command_line as *const u8;
    let length = (0..).take_while(|&i| unsafe { *start.add(i) } != 0).count();
    let line = core::str::from_utf8(unsafe { core::slice::from_raw_parts(start, length) }).unwrap_or("");
    let nonce = line.split(' ').find_map(|word| word.strip_prefix("exotool.nonce=")).unwrap_or("");
    let _ = writeln!(Serial, "Hello from Rust, {} bits\nexotool: ok {nonce}", usize::BITS);
    leave(SUCCESS)
}
