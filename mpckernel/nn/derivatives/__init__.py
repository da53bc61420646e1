"""How each function is differentiated: rules, a module a chapter of array/functions.

Importing it fills the table of rules.
"""

from importlib import import_module

CHAPTERS = (
    "activations", "choosing", "convolving", "curves", "dropping", "elementwise",
    "extremes", "products", "reading", "reductions", "shaping", "standardising",
)  # fmt: skip
for _chapter in CHAPTERS:
    import_module(f"mpckernel.nn.derivatives.{_chapter}")
