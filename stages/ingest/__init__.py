"""What comes in: the public MNIST files, CSVs of digits and their errors, the split."""
