"""What comes in: the public MNIST files, CSVs of digits and what is wrong with them, the split, a report of the data."""
