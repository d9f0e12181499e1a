"""A number that customers call, through Twilio."""
