"""The provider's world: one folder a channel, each ignorant of tickets, leads and databases."""
