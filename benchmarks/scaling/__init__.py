"""How far the system grows: measured times, a simulation that they drive, and its pictures; see `docs/scaling.md`."""
