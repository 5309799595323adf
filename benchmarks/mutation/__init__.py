"""What the tests would not notice: modules changed in one place, and the tests run on each."""
