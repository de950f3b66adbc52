"""Archive -> site: reads runs and writes pages, media, plots and notebooks for MkDocs. Computes no science."""
