"""What Kadr costs, measured: see README.md beside this file."""
