"""Questions to a finished run: verify, studies, counterfactuals. Nothing here writes what a run writes."""
