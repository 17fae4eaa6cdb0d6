#pragma once
#ifndef P_H
#define P_H
#define ENTRY(x) .globl x; .type x, @function; x:
#define END(x) .size x, . - x
#define VAL 0x10
#define ADD(a, b) ((a) + (b))
#define CAT(a,b) a##b
#define XCAT(a,b) CAT(a,b)
#define STR(x) #x
#define XSTR(x) STR(x)
#define LOG(fmt, ...) .ascii fmt ; .byte 0, ## __VA_ARGS__
#endif
