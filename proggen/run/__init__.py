"""A run: benchmarks from clips to archive. It orders what other rooms can do and holds no science."""
