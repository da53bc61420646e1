"""What each function means on secret arrays: rules, a module a chapter (rules.py)."""
