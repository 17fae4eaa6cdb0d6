/* Says hello on the serial line, and proves to `exotool run` that it got this far. */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

struct start_info { /* hvm_start_info of the PVH boot protocol */
    u32 magic, version, flags, module_count;
    u64 modules, command_line;
};

enum { UART = 0x3f8, LINE_STATUS = UART + 5, EMPTY = 0x40, EXIT_PORT = 0xf4, SUCCESS = 0x10 };

static void out(unsigned short port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static u8 in(unsigned short port) {
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(const char *text, int length) {
    for (int i = 0; i < length; i++) {
        while (!(in(LINE_STATUS) & EMPTY))
            ;
        out(UART, text[i]);
    }
}

static int length_of(const char *text, char end) {
    int length = 0;
    while (text[length] && text[length] != end)
        length++;
    return length;
}

/* The value of `key` (which ends in `=`) on the command line, or an empty text. */
static const char *value_of(const char *line, const char *key) {
    int size = length_of(key, 0);
    for (; *line; line++) {
        int same = 0;
        while (same < size && line[same] == key[same])
            same++;
        if (same == size)
            return line + size;
    }
    return line;
}

void kernel_main(const struct start_info *info) {
    static const char hello[] = "Hello from C\n", ok[] = "exotool: ok ";
    const char *nonce = value_of((const char *)info->command_line, "exotool.nonce=");
    put(hello, sizeof hello - 1);
    put(ok, sizeof ok - 1);
    put(nonce, length_of(nonce, ' '));
    put("\n", 1);
    while (!(in(LINE_STATUS) & EMPTY))
        ;
    out(EXIT_PORT, SUCCESS);
    for (;;)
        __asm__ volatile("cli; hlt");
}
