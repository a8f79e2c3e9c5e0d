"""Island model: several search trees on the same data that exchange their elites."""
