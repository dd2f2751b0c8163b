"""What the stages hand to each other: images, arrays, files and their paths, and the errors that users see."""
