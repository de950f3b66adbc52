"""ProgGen: video prediction by programs that a language model writes."""
