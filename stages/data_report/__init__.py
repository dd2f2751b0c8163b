"""What the data are: counts, repeated images, tables and pictures of metrics/data.json and plots/data/."""
