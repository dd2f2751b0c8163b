"""params.yaml, checked, and what the numerical libraries may do: how a run is set up."""
