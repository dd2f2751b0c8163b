"""Runs of one recipe with several seeds, in DVC's queue, and what they show."""
