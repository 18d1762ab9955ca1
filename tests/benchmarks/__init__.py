"""Benchmarks: each measures ours beside a hand-written reference in the same run, so that the machine cancels out."""
