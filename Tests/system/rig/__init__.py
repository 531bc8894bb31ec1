"""What the system tests stand on: the built program in processes of its own, its engines, its clients."""
