 .dcb 3, 5
 .dcb.b 2, 0xff
 .dcb.w 1, -1
 .dcb.l 2, 7
 .dcb.d 2, 1.5
 .dcb.d 2
 .dcb.s 2, 1.5
 .dcb.x 1, 1.5
 .dcb 0, 1
 .ds 3
 .ds.b 2
 .ds.w 2, 7
 .ds.l 1, -1
 .ds.d 1, 3
 .ds.s 2, 3
 .ds.p 1
 .ds.x 1, 3
 .dcb.l 2, label
 .dcb.w 1, label
label:
 .bfloat16 1.0, -2.5, 3.14159, 0.1, 1e-40, inf, nan, -nan, -0, 1e-41, 3.3895e38
 .tfloat 1.5, -2, 0, -0.0, inf, -inf, nan, -nan, 0.1, 3.3621031431120935e-4930, 1.18973149535723176502e+4932
 .dc.x 12345678901234567890.123
 .float 1e-45, 3.4e38, nan, -nan, -inf, 16777217
 .double 0.1, 1e-320, 5e-324, nan, 1.7976931348623157e308, 9007199254740993
 .version "01.01"
 .version "hello, world"
 .section .note.x, "017"
 .byte 1
