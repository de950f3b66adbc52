"""From clips to predictions: estimate, fit, identify, predict, render, counterfactuals, and the solvers behind them."""

JOBS = "proggen.inference.jobs"  # what a sandbox has to know for `calls`
