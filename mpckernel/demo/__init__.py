"""The demo notebooks, executed by real kernels and checked against the pooled data.

`mpckernel demo --run --out DIR`: folders lays out what each party has, kernels executes, facts asks
the kernels what they computed, health knows what the pooled data give, summary and page show it.
"""
