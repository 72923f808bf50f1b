"""NAS-Bench-201: 15,625 cells, each trained to the end on three data sets; scores are looked up."""
