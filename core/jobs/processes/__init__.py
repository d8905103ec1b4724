"""The Dask cluster: our own processes or somebody's, on what devices, and how work is sent there."""
