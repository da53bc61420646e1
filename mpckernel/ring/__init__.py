"""Words, bits, fixed point and pseudo-random words. Knows nothing of secrets."""
