"""`exotool test`: boots that must end as `[[test.boot]]` says, on every machine of a matrix, and pytest's part.

In the order of the work: `plan` (project -> jobs), `worker` (one job -> its result, with `ktap` for the guest's own
tests), `runner` (all jobs, here or on a `cluster`), `report` (JUnit XML, JSON, GitHub annotations) and `bundle` (what a
failure leaves behind, and its replay). `plugin` is the pytest plugin with the fixtures `kernel`, `boot` and `guest`.

May import `launch`, `build`, `project`, `expectations` and what those import; only `cli` imports this.
"""
