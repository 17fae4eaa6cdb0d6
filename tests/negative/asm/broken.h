#pragma once
        movl    $1, %eaz
