"""Random programs give the same results whatever runs them."""
