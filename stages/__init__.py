"""The pipeline: one module for each stage of dvc.yaml, named by its verb, and what they share, named by nouns."""
