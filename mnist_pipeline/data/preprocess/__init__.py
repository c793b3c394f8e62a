"""Image files of users -> 28 x 28 pixels like MNIST's."""
