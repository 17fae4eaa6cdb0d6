        .text
start:  movl    $1, %eax
        mvol    $2, %ebx
        hlt
        pusha
        frobnicate
