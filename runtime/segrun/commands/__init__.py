"""The commands of the runtime: options in, one library call, print out."""
