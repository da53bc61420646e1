"""Tables with named columns of several owners, as in pandas: secrets by public names."""
