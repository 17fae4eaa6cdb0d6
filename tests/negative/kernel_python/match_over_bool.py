def f(flag: bool) -> None:
    match flag:
        case True:
            pass
