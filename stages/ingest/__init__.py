"""What comes in: the public MNIST files, CSVs in Kaggle's format and what is wrong with them, the split, the report of the data."""
