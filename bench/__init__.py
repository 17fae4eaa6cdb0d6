"""Benchmarks: each prints a table, compares with the best alternative in the same run, and asserts nothing."""
