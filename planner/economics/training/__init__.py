"""Training and inference compute chosen together: how large a model, on how many tokens."""
