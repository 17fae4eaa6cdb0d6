        .globol start
        .frob 1
        .symver memcpy, memcpy@GLIBC_2.2.5
