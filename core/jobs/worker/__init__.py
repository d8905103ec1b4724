"""Short work in the process that trains, on somebody's request."""
