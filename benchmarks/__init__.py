"""What `make bench` runs: each figure beside the floor measured in the same run."""
