"""The parts of `simulate.py`: too long for one file."""
