"""What decides whether a commit may follow another: comparisons of the results that Git holds."""
