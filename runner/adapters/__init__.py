"""The world: all input and output, one file per counterpart."""
