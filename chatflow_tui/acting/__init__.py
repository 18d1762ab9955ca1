"""What is written, and what is taken elsewhere: planned and said in words before it is done."""
