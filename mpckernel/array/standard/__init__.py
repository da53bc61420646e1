"""The array API standard on secret arrays; `namespace` is what `x.__array_namespace__()` gives."""
