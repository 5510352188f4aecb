"""What only maintainers run: each module is a command, `python -m tools.NAME`, started in the course's folder."""
