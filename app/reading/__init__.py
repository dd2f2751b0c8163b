"""What is written in a picture: finds the digits in it, classifies each, and says what it doubts."""
