"""What the stages hand to each other: images, arrays, files, their paths, and what is said of a damaged one."""
