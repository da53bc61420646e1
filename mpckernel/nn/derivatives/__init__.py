"""How each function is differentiated: rules, a module a chapter of array/functions."""
