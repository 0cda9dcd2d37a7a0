"""What is measured: `make bench` prints one table. See docs/explanation/figures.md."""
