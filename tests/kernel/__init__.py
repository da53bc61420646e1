"""The notebook's edge, from pure text functions to real kernels."""
