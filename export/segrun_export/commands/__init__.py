"""The commands of the exporter: options in, one library call, print out."""
