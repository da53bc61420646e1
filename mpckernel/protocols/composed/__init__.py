"""Functions written once over the functionalities, for every scheme: products, quotients, roots.

Each takes `do`, which records one call (runtime/plan.py, `Plan.add`), so that price, rounds and
the sharing of rounds between independent calls come from the plan.
"""
