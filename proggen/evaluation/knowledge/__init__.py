"""What a language model knew before it saw a clip, read from its replies, its programs and the fit.

Evaluation alone may ask this, for it compares with the true constants of a benchmark.
"""
