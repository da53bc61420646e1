"""Measure this machine: workloads of three local parties over encrypted links, beside NumPy."""
