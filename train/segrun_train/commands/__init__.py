"""The commands of the training side: options in, one library call, print out."""
